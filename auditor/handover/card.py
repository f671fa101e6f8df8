"""The data card of a training set: what is in it, what was left out, why, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from auditor.evidence.shown import RARE
from auditor.handover.parts import Part
from auditor.handover.training import Cleaning
from auditor.model import CLASS_SHARED_BY
from reports import numbers
from reports.markdown import safe

if TYPE_CHECKING:
    from auditor.handover.finished import Finished
    from auditor.handover.gain import Gain
    from auditor.handover.training import Cleaned, TrainingSet

_PARTS = {Part.TRAIN: "training", Part.VALIDATION: "validation", Part.TEST: "the latest tenth"}
_WHY = {
    Cleaning.SUSPECT: "Labels that the audit doubts: of a source's habit, beside an equal text with another label, or "
    "doubted by models of the other records.",
    Cleaning.DUPLICATE: "Near duplicates with the same label; the latest of each stays.",
    Cleaning.UNROUTED: "Records of classes that the audit leaves to prompting; measured on the other classes.",
}


def card(found: TrainingSet, audit: Finished) -> str:
    """In Markdown; names of classes are escaped, no text of a record is quoted."""
    run = audit.report["run"]
    lines = [
        f"# Training set of {safe(run['source'])}",
        "",
        f"From the audit {safe(run['id'])} of {run['time'][:10]} (auditor {safe(run['tool_version'])}); content "
        f"{run['content_fingerprint'][:16]}. **These files hold the texts of records: handle them like the export.**",
        "",
        "| part | records | classes | from | to |",
        "|---|---|---|---|---|",
        *(_part(found, part) for part in Part),
        "",
        _order(found),
    ]
    if audit.batch.corrections:
        changed = audit.batch.corrections.changed
        lines += ["", f"{numbers.count(changed)} labels are corrected here and not in the export, in every part."]
    lines += [
        "",
        "## What was left out",
        "",
        "Rows may leave the training part alone. Validation and the latest tenth are as filed, wrong labels and "
        "duplicates included: dropping hard rows there would flatter what follows. A linear classifier on words and "
        "pairs of words learns the training part with the rows and without them and answers validation, record by "
        "record. Rows leave only where that gains beyond noise (90 % interval).",
        "",
        "| rows | records | accuracy with | without | difference | |",
        "|---|---|---|---|---|---|",
        *map(_cleaned, found.cleaned),
        "",
        *(f"- {str(each.cleaning).capitalize()}: {_WHY[each.cleaning]}" for each in found.cleaned if each.rows),
        "",
        _test(found.test),
        "",
        "What is doubted was found with models of all records, validation among them, so that these gains are a little "
        "flattered. Accuracy is by the labels as filed: where they are wrong, a better model looks worse.",
        "",
        "## Classes",
        "",
        "| class | training | validation | the latest tenth |",
        "|---|---|---|---|",
        *_classes(found),
    ]
    return "\n".join(lines) + "\n"


def _part(found: TrainingSet, part: Part) -> str:
    rows = found.of(part)
    days = [rows["time"].min(), rows["time"].max()]
    first, last = (str(day)[:10] if day is not None else "–" for day in days)
    counts = numbers.count(len(rows)), numbers.count(rows["label"].n_unique())
    return f"| {_PARTS[part]} | {counts[0]} | {counts[1]} | {first} | {last} |"


def _order(found: TrainingSet) -> str:
    kept = (
        "What hangs together (near duplicates, equal ids, the column of groups) is in one part: "
        f"{numbers.count(found.groups)} groups. "
    )
    if not found.dated:
        return kept + "No record has a date: the parts are drawn at random, and do not show what age costs a model."
    undated = found.frame["time"].null_count()
    late = f" {numbers.count(undated)} records without a date are learnt from." if undated else ""
    return f"{kept}Parts follow time, a group by its last date; groups of more than a tenth are learnt from.{late}"


def _cleaned(each: Cleaned) -> str:
    if each.gain is None:
        return f"| {each.cleaning} | {numbers.count(each.rows)} | – | – | – | nothing to measure |"
    said = "left out" if each.left else "they stay"
    return f"| {each.cleaning} | {numbers.count(each.rows)} | {_figures(each.gain)} | {said} |"


def _figures(found: Gain) -> str:
    change = found.after - found.before
    return (
        f"{100 * found.before:.1f} % | {100 * found.after:.1f} % | {100 * change:+.1f} points "
        f"({100 * found.low:+.1f} to {100 * found.high:+.1f}, {numbers.count(found.rows)} records)"
    )


def _test(found: Gain | None) -> str:
    if found is None:
        return "Nothing was left out: no cleaning gains beyond noise."
    change = found.after - found.before
    return (
        f"On the latest tenth all that was left out takes accuracy from {100 * found.before:.1f} % to "
        f"{100 * found.after:.1f} %: {100 * change:+.1f} points ({100 * found.low:+.1f} to {100 * found.high:+.1f}, "
        f"{numbers.count(found.rows)} records)."
    )


def _classes(found: TrainingSet) -> list[str]:
    """Names of classes of few records stand in the files of the records alone."""
    rows = pl.concat([found.of(part).select("label", part=pl.lit(str(part))) for part in Part])
    rare = pl.len().over("label") < CLASS_SHARED_BY
    rows = rows.with_columns(label=pl.when(rare).then(pl.lit(RARE)).otherwise("label"))
    counts = {part: dict(rows.filter(part=str(part))["label"].value_counts().iter_rows()) for part in Part}
    names = sorted(set(rows["label"]), key=lambda name: (name == RARE, name.casefold()))
    return [
        f"| {safe(name)} | " + " | ".join(f"{counts[part].get(name, 0):,}" for part in Part) + " |" for name in names
    ]
