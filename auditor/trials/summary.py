"""What a trial found, in a few lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.inputs.trial import ANSWERS, INTERRUPTED, MINUTES, PROBE, TUNED
from auditor.model import Tuning
from auditor.trials.record import SUMMARY, SYSTEMS

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.model import Estimate
    from auditor.trials.record import Record

ENDS = {
    MINUTES: "It stopped at --minutes; the best so far is kept.",
    INTERRUPTED: "It was interrupted; the best so far is kept.",
    PROBE: "This is the two-minute answer: the encoder itself learnt nothing. Leave out --probe for the trial.",
}
NOT_TUNED = "the encoder with its linear probe, not fine-tuned"
TOO_EARLY = "Nothing was better than the linear probe by then: this is no trial of fine-tuning. Give it more --minutes."
NO_GAIN = "No epoch of fine-tuning was better on validation rows than the linear probe, which is kept."


def said(found: Record, out: Path, beside: str = "") -> str:
    """The figures as sentences, and where they are; ``beside`` are the options of the next audit beside the trial's."""
    first = next(iter(found.accuracy))
    names = SYSTEMS if found.epoch else SYSTEMS | {TUNED: NOT_TUNED}
    lines = [
        f"Learnt from {found.rows:,} records, asked about {found.asked:,} others, {found.latest:,} of them the latest; "
        "judged by the given labels (90 % intervals):",
        *(f"  {_share(value):<24} {names[name]}" for name, value in found.accuracy.items()),
        f"{_capital(names[first])} is ahead, on the same records, in points:",
        *(f"  {_points(value):<24} of {names[name]}" for name, value in found.ahead.items()),
    ]
    if found.cut:
        lines.append(f"Of each text the first {found.length} tokens were read; {100 * found.cut:.0f} % are longer.")
    if found.ended in ENDS:
        lines.append(ENDS[found.ended])
    if found.tuning is None and first == TUNED:
        lines.append(TOO_EARLY)
    if found.tuning is Tuning.PROBE:
        lines.append(NO_GAIN)
    lines.append(f"Answers: {out / ANSWERS}.")
    if found.tuning is not None:
        lines.append(f"Then: auditor run ...{beside} --trial {out / SUMMARY} --out ANOTHER_FOLDER")
    return "\n".join(["", *lines])


def _share(value: Estimate) -> str:
    return f"{100 * value.value:.1f} % ({100 * (value.low or 0):.1f} to {100 * (value.high or 1):.1f})"


def _points(value: Estimate) -> str:
    return f"{100 * value.value:+.1f} ({100 * (value.low or 0):+.1f} to {100 * (value.high or 0):+.1f})"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
