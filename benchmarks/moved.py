"""What a commit of figures moved: `python -m benchmarks.moved FILE` runs the named exports and writes what they say.

With a file of an earlier commit as well, it prints each figure that moved by more than 0.1 point, or 1 % in another
unit than a share, and each outcome that changed: `python -m benchmarks.moved AFTER BEFORE`. ``--only`` takes names.
"""

from __future__ import annotations

import json
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from time import process_time
from typing import Any

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
    options = parser.parse_args()
    known = json.loads(options.after.read_text(encoding="utf-8")) if options.after.exists() else {}
    for name in options.only:
        if name not in known:
            with tempfile.TemporaryDirectory() as into:
                started = process_time()
                found = said_of(EXPORTS[name](Path(into)))
            known[name] = {
                "seconds": round(process_time() - started, 1), "figures": found.figures, "words": found.words,
            }  # fmt: skip
            options.after.write_text(json.dumps(known, indent=1), encoding="utf-8")
    if options.before:
        before = json.loads(options.before.read_text(encoding="utf-8"))
        for name in known:
            _compare(name, before[name], known[name])


def _compare(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    print(f"{name}: {before['seconds']} CPU seconds before, {after['seconds']} after")
    for figure in sorted({*before["figures"], *after["figures"]}):
        old, new = (each["figures"].get(figure) for each in (before, after))
        if old is None or new is None or abs(new - old) > (POINT if abs(old) <= 1 else PART * abs(old)):
            print(f"  {figure}: {old} -> {new}")
    for part in ("verdict", "gates", "checks"):
        for key, old in before["words"][part].items():
            new = after["words"][part][key]
            if part == "verdict" and key in ("decision", "headline") and old != new:
                print(f"  {key}: {old} -> {new}")
            elif part != "verdict" and old[0] != new[0]:
                print(f"  {key}: {old[0]} -> {new[0]}")


if __name__ == "__main__":
    main()
