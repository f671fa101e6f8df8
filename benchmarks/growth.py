"""Time and memory of whole audits as exports grow, each in a process of its own, on one thread unless said.

    python -m benchmarks.growth [PART ...]

Parts: `rows` (all of them modelled), `sampled` (as users run it, up to five million), `classes`, `words`, `segments`.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from auditor.evidence.features import FeatureShares
from benchmarks.results import save, table
from benchmarks.speed import Measured, measure

ROLES = [
    *("--text", "note", "--label", "category", "--time", "denied_on", "--id", "claim_id"),
    *("--segment", "payer", "--segment", "facility", "--annotator", "coder"),
]
MADE_ROLES = ["--text", "text", "--label", "label", "--segment", "place"]
ALONE = ["--threads", "1"]
# An audit of all rows, however many: from 200,000 on one reads a sample.
ALL_ROWS = "import auditor.evidence.sampling as s; s.MOST_ROWS = 10**9; from auditor.__main__ import main; main()"
MODELLED = (10_000, 30_000, 100_000, 500_000)
SAMPLED = (200_000, 1_000_000, 5_000_000)
CLASSES, WORDS, SEGMENTS = (2, 50, 500, 5_000), (5, 50, 500, 5_000), (10, 1_000, 100_000)
VOCABULARY, OWN_WORDS, LEAST_SECONDS = 20_000, 8, 0.3


class Grown(NamedTuple):
    """One audit: how large it was in what grows, and what it took."""

    size: int
    found: Measured
    stages: Mapping[str, float]


def made(rows: int, classes: int = 50, words: int = 20, places: int = 10) -> pl.DataFrame:
    """Texts of so many ``words``, a third of them of their class, the rest of anybody."""
    rng = np.random.default_rng([rows, classes, words, places])
    label = rng.integers(classes, size=rows)
    own = rng.integers(OWN_WORDS, size=(rows, words)) + OWN_WORDS * label[:, None]
    shared = classes * OWN_WORDS + (VOCABULARY * rng.random((rows, words)) ** 3).astype(int)
    drawn = np.where(rng.random((rows, words)) < 1 / 3, own, shared)
    texts = [" ".join(f"word{number:x}" for number in line) for line in drawn]
    place = rng.permutation(np.arange(rows) % places)
    return pl.DataFrame({"text": texts, "label": [f"class {number}" for number in label], "place": place.astype(str)})


def audited(size: int, export: Path, *options: str, program: list[str] | None = None) -> Grown:
    out = export.parent / "out"
    command = program or [str(Path(sys.executable).with_name("auditor"))]
    found = measure([*command, "run", str(export), *options, "--out", str(out)])
    return Grown(size, found, json.loads((out / "report.json").read_text(encoding="utf-8"))["run"]["seconds"])


def of_sample(sizes: tuple[int, ...], *options: str, program: list[str] | None = None) -> Iterator[Grown]:
    for rows in sizes:
        with tempfile.TemporaryDirectory() as name:
            # In a process of its own: the audit is forked from this one, and its peak would begin at this one's.
            subprocess.run(
                [sys.executable, "-m", "sample_data.generate", "--out", name, "--rows", str(rows)], check=True
            )
            yield audited(rows, Path(name) / "denials.parquet", *ROLES, *options, program=program)


def of_made(sizes: tuple[int, ...], make: Callable[[int], pl.DataFrame]) -> Iterator[Grown]:
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            export = Path(name) / "rows.parquet"
            make(size).write_parquet(export)
            yield audited(size, export, *MADE_ROLES, *ALONE)


def exponent(small: Grown, large: Grown, of: Callable[[Grown], float]) -> float:
    return math.log(of(large) / of(small)) / math.log(large.size / small.size)


def sizes_table(what: str, grown: list[Grown]) -> str:
    lines = [
        [f"{each.size:,}", each.found.wall, each.found.cpu, 1e3 * each.found.cpu / each.size, each.found.peak]
        for each in grown
    ]
    return table([what, "seconds", "CPU seconds", "CPU milliseconds for each", "peak GB"], lines)


def stages_table(grown: list[Grown]) -> str:
    """Stages that take a while at the largest size, with how their time grows over the last step and over all."""
    last = grown[-1].stages
    lines = []
    for name in sorted(last, key=lambda each: -last[each]):
        seconds = [each.stages.get(name, 0.0) for each in grown]
        if last[name] >= LEAST_SECONDS and min(seconds) > 0:
            slopes = [
                exponent(start, grown[-1], lambda each, stage=name: each.stages[stage])
                for start in (grown[0], grown[-2])
            ]
            lines.append([name, *seconds, *slopes])
    return table(["stage, seconds", *(f"{each.size:,}" for each in grown), "exponent", "of the last step"], lines)


def rows() -> list[str]:
    grown = list(of_sample(MODELLED, *ALONE, program=[sys.executable, "-c", ALL_ROWS]))
    slope = exponent(grown[1], grown[-1], lambda each: each.found.cpu)
    said = (
        f"All rows are modelled. CPU seconds grow by the power {slope:.2f} from {grown[1].size:,} rows on: features "
        f"keep to {FeatureShares().max_cells:,} cells, so that {MODELLED[-1]:,} rows have "
        f"{FeatureShares().width(MODELLED[-1]):,} columns and {MODELLED[-2]:,} have "
        f"{FeatureShares().width(MODELLED[-2]):,}."
    )
    return ["## Rows, without a sample", said, sizes_table("rows of the sample", grown), stages_table(grown)]


def sampled() -> list[str]:
    grown = list(of_sample(SAMPLED))
    before, after = grown[-2:]
    each = 1e6 * (after.found.cpu - before.found.cpu) / (after.size - before.size)
    said = (
        "As users run it: from 200,000 rows on models read a sample, and as many threads work as there are cores. A "
        f"row more than a million costs {each:.0f} CPU microseconds and "
        f"{1e9 * (after.found.peak - before.found.peak) / (after.size - before.size):.0f} bytes at the peak."
    )
    return ["## Rows, as users run it", said, sizes_table("rows of the sample", grown)]


def classes() -> list[str]:
    grown = list(of_made(CLASSES, lambda size: made(20_000, classes=size)))
    return ["## Classes", "20,000 records of 20 words.", sizes_table("classes", grown), stages_table(grown)]


def words() -> list[str]:
    grown = list(of_made(WORDS, lambda size: made(5_000, words=size)))
    return ["## Words", "5,000 records of 50 classes.", sizes_table("words a record", grown), stages_table(grown)]


def segments() -> list[str]:
    grown = list(of_made(SEGMENTS, lambda size: made(100_000, places=size)))
    said = "100,000 records of 50 classes. The values with most records are looked at one by one, the rest as one."
    return ["## Values of a segment", said, sizes_table("values", grown)]


PARTS: Mapping[str, Callable[[], list[str]]] = {
    each.__name__: each for each in (rows, sampled, classes, words, segments)
}


def main() -> None:
    """Measures and prints all parts, or those named; saves the table of all."""
    chosen = sys.argv[1:] or list(PARTS)
    found = []
    for name in chosen:
        found += PARTS[name]()
        print("\n\n".join(found[-4:]), flush=True)
    if not sys.argv[1:]:
        save("growth", "python -m benchmarks.growth", found)


if __name__ == "__main__":
    main()
