"""What the intake of an audit makes of odd files, and of plain ones: read, said, asked, refused, or wrong."""

from __future__ import annotations

import tempfile
import warnings
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from auditor.batch import load
from auditor.config import Config
from auditor.errors import ConfigError, InputError
from auditor.inputs.labels import folded
from benchmarks.odd import Odd, cells, dates, labels, rows, tools
from benchmarks.plain_files import plain_tables
from benchmarks.results import save, table

if TYPE_CHECKING:
    from auditor.batch import Batch

MODULES = (dates, rows, cells, tools, labels)
READ, SAID, ASKED, REFUSED, WRONG = "read", "read, and said", "asked", "refused", "WRONG"


class Outcome(NamedTuple):
    """What an odd file gives; ``audit`` says that its right outcome is one."""

    odd: Odd
    what: str
    why: str
    seconds: float

    @property
    def audit(self) -> bool:
        return not self.odd.stop


def main() -> None:
    """Runs, prints and saves the tables."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [outcome(odd, Path(folder)) for module in MODULES for odd in module.odd_files()]
    plain = plain_tables()
    lines = [[o.odd.kind, o.odd.file, "a stop" if o.odd.stop else "an audit", o.what, o.why] for o in outcomes]
    audits = [o for o in outcomes if o.audit]
    audited = sum(o.what in (READ, SAID) for o in audits)
    slowest = max(outcomes, key=lambda o: o.seconds)
    counts = Counter(o.what for o in outcomes)
    counted = ", ".join(f"{counts[what]} {what}" for what in (READ, SAID, ASKED, REFUSED, WRONG))
    said = (
        f"{len(outcomes)} odd files: {counted}. "
        f"Of the {len(audits)} whose right outcome is an audit, {audited} are audited ({audited / len(audits):.0%}). "
        f"The slowest, {slowest.odd.file}, takes {slowest.seconds:.1f} s."
    )
    columns = ["kind", "file", "right", "now", "what is said, or wrong"]
    save("odd_files", "python -m benchmarks.odd_files", [said, table(columns, lines), *plain])


def outcome(odd: Odd, folder: Path) -> Outcome:
    """Writes the file, reads it, and holds what comes to what is right."""
    path = folder / odd.file
    path.write_bytes(odd.body)
    options = {name: (value,) if name == "text" else value for name, value in odd.options.items()}
    started = perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            batch = load(Config(export=str(path), **options))  # type: ignore[arg-type]
        what, why = _held(odd, batch)
    except ConfigError as error:
        what, why = ASKED, _short(str(error), folder)
    except InputError as error:
        what, why = REFUSED, _short(str(error), folder)
    except Exception as error:
        what, why = WRONG, f"ends in {type(error).__name__}"
    return Outcome(odd, what, why, perf_counter() - started)


def _held(odd: Odd, batch: Batch) -> tuple[str, str]:
    notices = [notice.text for notice in batch.intake.notices]
    shown = _short(" ".join(notices))
    if odd.stop:
        return WRONG, f"audited: label {batch.roles.label}, text {', '.join(batch.roles.text)}. {shown}"
    usable = batch.frame.filter("usable")
    faults = []
    if odd.rows is not None and usable.height != odd.rows:
        faults.append(f"{usable.height} usable rows instead of {odd.rows}")
    found = set(map(folded, usable["label"].unique()))
    if odd.classes is not None and found != set(map(folded, odd.classes)):
        faults.append(
            f"label {batch.roles.label} has {len(found)} classes that are not the {len(odd.classes)} right ones"
        )
    if odd.dates is not None:
        times = batch.frame.sort("row_id")["time"].dt.round("1s").to_list()
        wrong = sum(one != other for one, other in zip(times, odd.dates, strict=True))
        if wrong:
            faults.append(f"{wrong} of {len(times)} dates wrong, the first is {times[0]}")
    if faults:
        return WRONG, f"{'; '.join(faults)}. {shown}"
    if odd.said and not notices:
        return WRONG, "nothing is said of it"
    return (SAID, shown) if notices else (READ, "")


def _short(text: str, folder: Path | None = None) -> str:
    plain = text.replace(f"{folder}/", "") if folder else text
    plain = " ".join(plain.split()).replace("|", "\\|")
    return plain if len(plain) <= 160 else f"{plain[:160]}..."


if __name__ == "__main__":
    main()
