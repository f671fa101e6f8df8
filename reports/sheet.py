"""What a fresh sheet says, in sentences: how far it is filled, how many labels are wrong, how right each way is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.model import Way, measurements
from reports import numbers, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import AuditResult, Estimate

# The ways by the first word of the ids of their estimates.
_WAYS = {"prompt": Way.PROMPT, "trained": Way.FINE_TUNED}
# Whose answers a command gets.
_ASKED = {"prompt": ("baseline", "baseline"), "trained": ("trial's model", "trial")}


def said(result: AuditResult) -> list[str]:
    """Nothing where there is no sheet."""
    found = measurements(result.checks)
    if "reviewed" not in found:
        return []
    lines = [_filled(found), *_unasked(found)]
    if "reviewed_noise_rate" in found:
        estimates = result.estimates
        levels = [f"{words.WAYS[Way.ORDINARY].lower()} {_with_interval(estimates['accuracy_true_labels'])}"]
        for name, way in _WAYS.items():
            if right := estimates.get(f"{name}_accuracy_true_labels"):
                levels.append(f"{words.WAYS[way].lower()} {_with_interval(right)}")
        lines.append(f"Wrong labels: {_with_interval(estimates['label_noise_rate'])}")
        lines.append(f"Right on true labels: {'; '.join(levels)}")
        for name, way in _WAYS.items():
            if behind := estimates.get(f"{name}_behind_true_labels"):
                lines.append(_pair(words.WAYS[way].lower(), behind))
    return [f"{line}." for line in lines]


def _filled(found: Mapping[str, float]) -> str:
    asked = sum(found.get(f"review{part}", 0) for part in ("ed", "_unsure", "_blank", "_gone"))
    are = "is" if found["reviewed"] == 1 else "are"
    line = f"Of the sheet's {numbers.count(asked)} records {numbers.count(found['reviewed'])} {are} labelled"
    rest = {"unsure": found["review_unsure"], "not filled yet": found["review_blank"]}
    line += "".join(f", {numbers.count(rows)} {what}" for what, rows in rest.items() if rows)
    if found["reviewed"] < found["review_needed"]:
        needed = numbers.count(found["review_needed"])
        line += f"; {needed} labels are needed before the sheet says anything of all records"
    elif "people_apart" in found:
        apart = numbers.figure(found["people_apart"], "share")
        line += f"; two people labelled {numbers.count(found['people_pairs'])} of them and differ on {apart}"
    else:
        line += "; nobody else labelled any, so how often one person errs is not known"
    return line


def _unasked(found: Mapping[str, float]) -> list[str]:
    """Which way did not answer all of the sheet's records, and what to do about it."""
    lines = []
    for name, (way, command) in _ASKED.items():
        answered = found.get(f"review_{name}_answers")
        if answered is not None and answered < found["review_drawn"]:
            lines.append(
                f"The {way} answered {numbers.count(answered)} of the sheet's {numbers.count(found['review_drawn'])} "
                f"records; auditor {command} ... --sheet asks about all of them"
            )
    return lines


def _pair(way: str, behind: Estimate) -> str:
    more = "fewer"
    if behind.value < 0:
        low, high = (None if bound is None else -bound for bound in (behind.high, behind.low))
        behind, more = replace(behind, value=-behind.value, low=low, high=high), "more"
    return (
        f"Record by record, the {way} gets {numbers.estimate_value(behind)} {more} right than the "
        f"{words.WAYS[Way.ORDINARY].lower()} ({numbers.interval_words(behind)})"
    )


def _with_interval(estimate: Estimate) -> str:
    return f"{numbers.estimate_value(estimate)} ({numbers.interval_words(estimate)})"
