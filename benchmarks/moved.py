"""What a commit of figures moved: `python -m benchmarks.moved FILE` runs the named exports and writes what they say.

With a file of an earlier commit as well, `python -m benchmarks.moved AFTER BEFORE`, it prints each figure that is now,
on the mean over the seeds, elsewhere by more than 0.1 point (1 % in another unit) and by more than twice its standard
deviation over the seeds; and each outcome that changed. ``--only`` takes names, ``--seeds`` how many (1).
"""

from __future__ import annotations

import json
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from auditor.config import Config
from benchmarks.data import folder, noisyag, nvd
from tests.golden import banking77, made_up, said_of, sample

POINT, PART = 0.001, 0.01
IMR_TEXT = ("Diagnosis Category", "Diagnosis Sub Category", "Treatment Category", "Treatment Sub Category", "Type")


def _nvd(into: Path) -> Config:
    nvd().write_parquet(into / "nvd.parquet")
    return Config(export=str(into / "nvd.parquet"), text=("text",), label="label", time="time", id="id")


def _cfpb(_: Path) -> Config:
    return Config(export=str(folder() / "cfpb.parquet"), text=("narrative",), label="product", time="date")


def _imr(_: Path) -> Config:
    return Config(export=str(folder() / "imr_ca.csv"), text=IMR_TEXT, label="Determination", time="Report Year")


def _noisyag(into: Path) -> Config:
    noisyag().select("text", "label").write_parquet(into / "news.parquet")
    return Config(export=str(into / "news.parquet"), text=("text",), label="label")


EXPORTS: Mapping[str, Callable[[Path], Config]] = {
    "sample": sample,
    "made_up": made_up,
    "banking77": banking77,
    "noisyag": _noisyag,
    "imr_ca": _imr,
    "cfpb": _cfpb,
    "nvd": _nvd,
}


def main() -> None:
    """Writes the figures of every named export; with an earlier file, says what moved."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("after", type=Path)
    parser.add_argument("before", type=Path, nargs="?")
    parser.add_argument("--only", nargs="*", default=list(EXPORTS), choices=list(EXPORTS))
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    known = json.loads(options.after.read_text(encoding="utf-8")) if options.after.exists() else {}
    for name in options.only:
        runs = known.setdefault(name, [])
        for seed in range(len(runs), options.seeds):
            with tempfile.TemporaryDirectory() as into:
                started = process_time()
                found = said_of(replace(EXPORTS[name](Path(into)), seed=seed))
            seconds = round(process_time() - started, 1)
            runs.append({"seconds": seconds, "figures": found.figures, "words": found.words})
            options.after.write_text(json.dumps(known, indent=1), encoding="utf-8")
    if options.before:
        before = json.loads(options.before.read_text(encoding="utf-8"))
        for name in options.only:
            _compare(name, before[name][0], known[name])


def _compare(name: str, before: Mapping[str, Any], after: list[Mapping[str, Any]]) -> None:
    print(f"{name}: {before['seconds']} CPU seconds before, {after[0]['seconds']} after")
    for figure, old in before["figures"].items():
        new = np.array([run["figures"][figure] for run in after if figure in run["figures"]])
        spread = float(new.std(ddof=1)) if len(new) > 1 else 0.0
        if not len(new) or abs(new.mean() - old) > max(POINT if abs(old) <= 1 else PART * abs(old), 2 * spread):
            print(f"  {figure}: {old:.5g} -> {new.mean():.5g}, standard deviation {spread:.2g}")
    for part in ("verdict", "gates", "checks"):
        for key, old in before["words"][part].items():
            new = [run["words"][part][key] for run in after]
            if part == "verdict" and key in ("decision", "headline") and {old} != set(new):
                print(f"  {key}: {old} -> {', '.join(new)}")
            elif part != "verdict" and {old[0]} != {each[0] for each in new}:
                print(f"  {key}: {old[0]} -> {', '.join(each[0] for each in new)}")


if __name__ == "__main__":
    main()
