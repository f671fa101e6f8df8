"""The command line: options in, one call, exit code out."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.export import apply, export
from auditor.commands.history import compare, history
from auditor.commands.init import init
from auditor.commands.judge import judge
from auditor.commands.options import (
    Annotator,
    AtATime,
    Audited,
    Column,
    ConfigFile,
    DrawSeed,
    Group,
    Label,
    LabelIs,
    LabelLevel,
    LabelTime,
    Query,
    RecordId,
    Segments,
    Table,
    Taxonomy,
    Texts,
    Time,
    settings_of,
)
from auditor.commands.run import run
from auditor.errors import AuditError, ConfigError
from auditor.failures import is_interrupt, told
from auditor.output import say, sturdy

app = typer.Typer(
    name="auditor",
    help="Measures whether labelled records are ready for fine-tuning, before anybody pays for it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _measured_with(sheet: str | None, baseline: str | None) -> str:
    """The options of the next audit that repeat what this command read."""
    return "".join(f" {option} {path}" for option, path in (("--sheet", sheet), ("--baseline", baseline)) if path)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"auditor {version('auditor')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Measures whether labelled records are ready for fine-tuning, before anybody pays for it."""


app.command("init")(init)
app.command("run")(run)
app.command("judge")(judge)
app.command("export")(export)
app.command("apply")(apply)
app.command("history")(history)
app.command("compare")(compare)


@app.command("sheet")
def draw(
    export: Audited = None,
    table: Table = None,
    query: Query = None,
    text: Texts = None,
    label: Annotated[Column, typer.Option(help="Column with the label, which nobody sees.")] = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    group: Group = None,
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
        "export": export, "table": table, "query": query,
        "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id, "group": group,
        "segment": segment, "annotator": annotator, "taxonomy": taxonomy, "seed": seed,
    }  # fmt: skip
    settings = settings_of(config, given, "auditor sheet EXPORT --out DIR")

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
    table: Table = None,
    query: Query = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    id: RecordId = None,
    group: Group = None,
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
        "export": export, "table": table, "query": query,
        "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "id": id, "group": group, "taxonomy": taxonomy,
        "sheet": sheet, "seed": seed,
    }  # fmt: skip
    settings = settings_of(config, given, "auditor baseline EXPORT --endpoint URL --model NAME")
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
    table: Table = None,
    query: Query = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    group: Group = None,
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
        "export": export, "table": table, "query": query,
        "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id, "group": group,
        "segment": segment, "annotator": annotator, "baseline": baseline, "sheet": sheet,
        "seed": seed,
    }  # fmt: skip
    settings = settings_of(config, given, "auditor trial EXPORT")

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
    table: Table = None,
    query: Query = None,
    text: Texts = None,
    label: Label = None,
    label_is: LabelIs = None,
    label_level: LabelLevel = None,
    time: Time = None,
    label_time: LabelTime = None,
    id: RecordId = None,
    group: Group = None,
    segment: Segments = None,
    annotator: Annotator = None,
    taxonomy: Taxonomy = None,
    config: ConfigFile = None,
    threads: AtATime = None,
) -> None:
    """Say what an audit would take, which steps and checks it would run, which not, and why; computes none of them."""
    given = {
        "export": export, "table": table, "query": query,
        "text": text, "label": label, "label_is": label_is, "label_level": label_level,
        "time": time, "label_time": label_time, "id": id, "group": group,
        "segment": segment, "annotator": annotator, "taxonomy": taxonomy, "threads": threads,
    }  # fmt: skip
    settings = settings_of(config, given, "auditor plan EXPORT")

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
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            # What a library of another language dies of is no Exception.
            if is_interrupt(error):
                raise KeyboardInterrupt from None
            say(told(error), error=True)
            sys.exit(1)
