"""The command line: options in, one call, exit code out."""

from __future__ import annotations

import math
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from auditor.errors import AuditError, ConfigError
from auditor.output import say, sturdy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.config import Config

app = typer.Typer(
    name="auditor",
    help="Measures whether labelled records are ready for fine-tuning, before anybody pays for it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Column = Optional[str]  # noqa: UP045 - typer reads it at run time
# What every command that reads an export asks alike.
Audited = Annotated[Column, typer.Argument(help="The export that `auditor run` audits.")]
Texts = Annotated[list[str] | None, typer.Option(help="Column with the text; repeat to join several.")]
Label = Annotated[Column, typer.Option(help="Column with the label.")]
LabelIs = Annotated[Column, typer.Option(help="Audit this one label as yes or no.")]
LabelLevel = Annotated[
    int | None, typer.Option(min=1, help="Audit this level of labels that are paths, such as A > B (from 1, the top).")
]
Time = Annotated[Column, typer.Option(help="Column with the date of the record.")]
LabelTime = Annotated[Column, typer.Option(help="Column with the date on which the label was given.")]
RecordId = Annotated[Column, typer.Option("--id", help="Column with the id of the record.")]
Segments = Annotated[list[str] | None, typer.Option(help="Column such as payer or site; repeat for several.")]
Annotator = Annotated[Column, typer.Option(help="Column that says who gave the label.")]
Taxonomy = Annotated[Column, typer.Option(help="Table of the classes: label, definition, active_from, active_to.")]
ConfigFile = Annotated[Path | None, typer.Option(help="audit.toml; options on the command line win.")]
DrawSeed = Annotated[int | None, typer.Option(help="Seed of the draw (0).")]


def _settings(file: Path | None, given: Mapping[str, object], usage: str) -> Config:
    """The settings of ``file`` and those ``given``. Raises ConfigError with the ``usage`` where no export is named."""
    from auditor.config import load_config

    settings = load_config(file, given)
    if settings.export is None:
        raise ConfigError(f"No export is named. Pass its path: {usage}.")
    return settings


def _measured_with(sheet: str | None, baseline: str | None) -> str:
    """The options of the next audit that repeat what this command read."""
    return "".join(f" {option} {path}" for option, path in (("--sheet", sheet), ("--baseline", baseline)) if path)


@app.callback()
def root() -> None:
    """Measures whether labelled records are ready for fine-tuning, before anybody pays for it."""


@app.command()
def run(
    export: Annotated[
        str | None, typer.Argument(help="CSV, TSV, Parquet or JSON lines: a file, folder or glob.")
    ] = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    segment: Segments = None,
    annotator: Annotator = None,
    sheet: Annotated[
        str | None, typer.Option(help="A filled sheet: its folder, or one file in it (CSV, XLSX, Label Studio's JSON).")
    ] = None,
    taxonomy: Taxonomy = None,
    prediction: Annotated[Column, typer.Option(help="Column with the answers of a prompted system.")] = None,
    prediction_run: Annotated[
        list[str] | None, typer.Option(help="Column with its answers when asked again; repeat for more runs.")
    ] = None,
    trained_prediction: Annotated[
        Column, typer.Option(help="Column with the answers of a fine-tuned model on rows that it was not trained on.")
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="The answers.csv that `auditor baseline` wrote.")] = None,
    trial: Annotated[str | None, typer.Option(help="The trial.json that `auditor trial` wrote.")] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the reports.")] = None,
    config: ConfigFile = None,
    horizon: Annotated[int | None, typer.Option(help="Months ahead that a model must hold (6).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw (0).")] = None,
    include_examples: Annotated[
        int | None, typer.Option(min=0, help="Show the masked text of so many doubtful records (0).")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf, with the Chromium at hand.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the reports in an existing folder.")] = False,
    fail_on: Annotated[str | None, typer.Option(help="Exit 10, 11 or 12 on: caution, verdict, inconclusive.")] = None,
) -> None:
    """Audit an export and write report.html, report.json and rows.parquet."""
    given = {
        "export": export, "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id,
        "segment": segment, "annotator": annotator, "sheet": sheet,
        "prediction": prediction, "prediction_run": prediction_run, "baseline": baseline,
        "trial": trial,
        "trained_prediction": trained_prediction, "taxonomy": taxonomy, "out": out,
        "horizon": horizon, "seed": seed, "force": force or None, "fail_on": fail_on,
        "include_examples": include_examples, "pdf": pdf or None,
    }  # fmt: skip
    settings = _settings(config, given, "auditor run EXPORT --out DIR")
    if settings.out is None:
        raise ConfigError("No output folder is named. Pass one with --out DIR.")
    target = Path(settings.out)

    from auditor.api import audit, browser_for_pdf, fail_code, refuse_existing, write
    from auditor.progress import stages
    from reports import print_verdict

    refuse_existing(target, force=settings.force)
    if settings.pdf:
        browser_for_pdf()
    try:
        with stages() as (console, on_stage):
            result, rows = audit(settings, on_stage)
            on_stage("Writing the reports")
            write(result, rows, target, force=settings.force, pdf=settings.pdf)
    except KeyboardInterrupt:
        say("Stopped. Nothing was written.", error=True)
        raise typer.Exit(130) from None
    print_verdict(result, console, str(target))
    raise typer.Exit(fail_code(result, settings.fail_on))


@app.command("sheet")
def draw(
    export: Audited = None,
    text: Texts = None,
    label: Annotated[Column, typer.Option(help="Column with the label, which nobody sees.")] = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    segment: Segments = None,
    annotator: Annotator = None,
    taxonomy: Taxonomy = None,
    config: ConfigFile = None,
    out: Annotated[Path, typer.Option(help="New folder for the sheet.")] = Path("sheet"),
    rows: Annotated[int, typer.Option(help="How many recent records to draw.")] = 300,
    second: Annotated[int, typer.Option(min=0, help="How many of them a second person labels too.")] = 50,
    seed: DrawSeed = None,
) -> None:
    """Draw recent records for people to label afresh: what every way is measured on."""
    given = {
        "export": export, "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id,
        "segment": segment, "annotator": annotator, "taxonomy": taxonomy, "seed": seed,
    }  # fmt: skip
    settings = _settings(config, given, "auditor sheet EXPORT --out DIR")

    from auditor.progress import stages
    from auditor.sheets.draw import draw_sheet

    with stages() as (_, on_stage):
        drawn = draw_sheet(settings, rows, second, out, on_stage)
    say(f"\n{drawn}")
    say(
        f"Choose a class in column 'your_label' of {out / 'sheet.xlsx'} or {out / 'sheet.csv'}, from the top: stopping "
        "early is sound. The classes and what they mean are in classes.csv; for Label Studio, import "
        "label_studio.json with the interface label_studio.xml."
    )
    if drawn.second:
        say(
            f"Give second.xlsx or second.csv to somebody else: {drawn.second:,} of the records, to see how far two "
            "people agree."
        )
    say(
        "These files hold the text of records: handle them like the export.\n"
        f"Then: auditor run ... --sheet {out} --out ANOTHER_FOLDER"
    )


@app.command("baseline")
def ask(
    endpoint: Annotated[str, typer.Option(help="URL of an OpenAI-compatible endpoint, up to /v1.")],
    model: Annotated[str, typer.Option(help="Name of the model there.")],
    export: Audited = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    id: RecordId = None,
    taxonomy: Taxonomy = None,
    config: ConfigFile = None,
    out: Annotated[Path, typer.Option(help="Folder for the answers; a second run goes on where one stopped.")] = Path(
        "baseline"
    ),
    size: Annotated[int, typer.Option(min=30, help="How many records to ask about, stratified by class.")] = 300,
    sheet: Annotated[
        str | None, typer.Option(help="Ask about the records of this sheet instead; `auditor sheet` draws one.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, max=100, help="Retrieved examples with each record.")] = 20,
    repeats: Annotated[int, typer.Option(min=1, help="How often to ask about each record.")] = 2,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Requests at a time.")] = 4,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="Sampling temperature.")] = 0.0,
    max_tokens: Annotated[int, typer.Option(min=1, help="Hard cap on tokens, earlier runs included.")] = 3_000_000,
    max_cost: Annotated[float | None, typer.Option(min=0, help="Hard cap on money; needs both prices.")] = None,
    input_price: Annotated[float, typer.Option(min=0, help="Price per million tokens sent.")] = 0.0,
    output_price: Annotated[float, typer.Option(min=0, help="Price per million tokens received.")] = 0.0,
    key_variable: Annotated[str, typer.Option(help="Environment variable with the key.")] = "OPENAI_API_KEY",
    seed: DrawSeed = None,
    yes_send_text: Annotated[
        bool, typer.Option("--yes-send-text", help="Record text may leave this machine, to the endpoint.")
    ] = False,
) -> None:
    """Ask a prompted model about a sample, with retrieved examples: the figure that fine-tuning must beat."""
    given = {
        "export": export, "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "id": id, "taxonomy": taxonomy,
        "sheet": sheet, "seed": seed,
    }  # fmt: skip
    settings = _settings(config, given, "auditor baseline EXPORT --endpoint URL --model NAME")
    figures = {"--temperature": temperature, "--max-cost": max_cost or 0, "--input-price": input_price}
    for name, figure in {**figures, "--output-price": output_price}.items():
        if not math.isfinite(figure):
            raise ConfigError(f"{name} must be a number.")
    input_price = input_price or settings.cost.get("input_price", 0.0)
    output_price = output_price or settings.cost.get("output_price", 0.0)
    if max_cost is not None and not (input_price and output_price):
        raise ConfigError("--max-cost needs --input-price and --output-price, per million tokens.")

    from auditor.baseline import CACHE, TABLE, Plan, measure
    from auditor.progress import stages
    from auditor.prompting.ask import KEPT
    from auditor.prompting.budget import Cap
    from auditor.prompting.endpoint import parse_endpoint

    where = parse_endpoint(endpoint)
    cap = Cap(max_tokens, max_cost, input_price, output_price)
    plan = Plan(where, model, key_variable, size, examples, repeats, concurrency, temperature, cap)
    try:
        with stages() as (console, on_stage):
            found = measure(
                settings,
                plan,
                out,
                consent=yes_send_text,
                on_stage=on_stage,
                on_forecast=lambda forecast: console.print(forecast.words, markup=False, soft_wrap=True),
            )
    except KeyboardInterrupt:
        say(f"Stopped. {KEPT}", error=True)
        raise typer.Exit(130) from None
    right = found.accuracy
    odds = ", weighted by the odds of the sheet's draw" if settings.sheet else ""
    say(
        f"\n{model} is right on {100 * right.value:.1f} % of {found.records:,} records "
        f"({100 * (right.low or 0):.1f} to {100 * (right.high or 1):.1f}, 90 % interval), judged by the given labels"
        f"{odds}."
    )
    if found.agreement is not None:
        say(f"Asked again, it answers the same for {100 * found.agreement:.1f} % of the records.")
    if found.invalid:
        say(f"{found.invalid:,} answers named no category of the list; they count as wrong.")
    if found.refused:
        say(f"{found.refused:,} requests were refused as too long or for what the record says; they count as wrong.")
    if found.damaged:
        say(f"{found.damaged:,} lines of {out / CACHE} could not be read; what they held was asked again.")
    if found.missing:
        say(f"The cap stopped {found.missing:,} of {found.answers + found.missing:,} requests.")
    say(
        f"Tokens: {found.input_tokens:,} sent, {found.output_tokens:,} received"
        + (f"; cost {found.cost:,.2f}." if cap.priced else ".")
        + f" Answers: {out / TABLE}"
    )
    say(f"Then: auditor run ...{_measured_with(settings.sheet, str(out / TABLE))} --out ANOTHER_FOLDER")


@app.command("trial")
def tried(
    export: Audited = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    segment: Segments = None,
    annotator: Annotator = None,
    baseline: Annotated[str | None, typer.Option(help="The answers.csv of `auditor baseline`.")] = None,
    sheet: Annotated[str | None, typer.Option(help="A sheet of `auditor sheet`, whose rows are asked as well.")] = None,
    config: ConfigFile = None,
    out: Annotated[Path, typer.Option(help="Folder for trial.json and the answers.")] = Path("trial"),
    rows: Annotated[int, typer.Option(min=100, help="How many records to learn from.")] = 2000,
    minutes: Annotated[float, typer.Option(min=0, help="Stop training after so long; the best so far is kept.")] = 60,
    model: Annotated[Path | None, typer.Option(help="Folder of an encoder, in Hugging Face's layout.")] = None,
    probe: Annotated[bool, typer.Option("--probe", help="Only a linear probe on the encoder as it is.")] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw (0).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier trial.")] = False,
) -> None:
    """Fine-tune a small encoder here, on some of the records, and ask it about others. Nothing leaves the machine."""
    given = {
        "export": export, "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id,
        "segment": segment, "annotator": annotator, "baseline": baseline, "sheet": sheet,
        "seed": seed,
    }  # fmt: skip
    settings = _settings(config, given, "auditor trial EXPORT")

    from auditor.progress import stages
    from auditor.trials.run import Plan, trial
    from auditor.trials.summary import said

    try:
        with stages() as (_, on_stage):
            found = trial(settings, Plan(rows, minutes, model, probe), out, force=force, on_stage=on_stage)
    except KeyboardInterrupt:
        say("Stopped before there were answers: nothing was written, and an earlier trial stands.", error=True)
        raise typer.Exit(130) from None
    say(said(found, out, _measured_with(settings.sheet, settings.baseline)))
    raise typer.Exit(130 if found.ended == "interrupted" else 0)


@app.command("plan")
def planned(
    export: Audited = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    segment: Segments = None,
    annotator: Annotator = None,
    taxonomy: Taxonomy = None,
    config: ConfigFile = None,
) -> None:
    """Say which steps and checks an audit would run, which not, and why; computes none of them."""
    given = {
        "export": export, "text": text, "label": label, "label_is": label_is,
        "time": time, "label_time": label_time, "id": id,
        "segment": segment, "annotator": annotator, "taxonomy": taxonomy,
    }  # fmt: skip
    settings = _settings(config, given, "auditor plan EXPORT")

    from auditor.preview import preview

    say(preview(settings))


@app.command("explain")
def explained(
    name: Annotated[str, typer.Argument(metavar="CODE|GATE|DECISION", help="Such as LAB001, labels or fine_tune.")],
) -> None:
    """Say what a check, a gate or a decision means, with every threshold and where it comes from."""
    from auditor.explain import explain

    say(explain(name))


def main() -> None:
    """Entry point; every error is one sentence and an exit code, and no failure of the terminal is one."""
    with sturdy():
        try:
            app()
        except AuditError as error:
            say(str(error), error=True)
            sys.exit(error.exit_code)
        except OSError as error:
            file = f"'{error.filename}'" if error.filename else "A file"
            say(f"{file} cannot be written or read: {error.strerror or type(error).__name__}.", error=True)
            sys.exit(1)
        except Exception as error:
            say(_inside(error), error=True)
            sys.exit(1)


def _inside(error: Exception) -> str:
    """Where an error that nobody foresaw arose. Neither its message nor its values: they may quote a record."""
    root = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root)] or frames
    place = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}"
    return f"auditor failed inside ({type(error).__name__} in {place}). Please report that line; it quotes no record."
