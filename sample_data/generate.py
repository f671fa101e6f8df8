"""Makes an export of behavioural-health insurance denials whose truth is known.

python -m sample_data.generate --out DIR [--rows 80000] [--seed 7] [--clean]
python -m sample_data.generate --small --out sample_data
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sample_data import defects, duplicates
from sample_data.claims import CODERS, FACILITIES, HABIT_CODER, PAYERS, SEGMENT_PAYER, Base, base_rows
from sample_data.defects import FIRST_DAY, LAST_DAY, NAMES
from sample_data.people import add_personal_data
from sample_data.taxonomy import CATEGORIES
from sample_data.text import Bools, Strings, figures, fill, templates
from sample_data.truth import Planted, describe

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT_ROWS, SMALL_ROWS, DEFAULT_SEED = 80_000, 2_000, 7


@dataclass(frozen=True)
class Sample:
    export: pl.DataFrame
    truth_rows: pl.DataFrame
    truth: dict[str, Any]


def _streams(seed: int, count: int) -> list[np.random.Generator]:
    return [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(count)]


def make(rows: int = DEFAULT_ROWS, seed: int = DEFAULT_SEED, clean: bool = False) -> Sample:
    """The export, the truth about each of its rows, and the truth about the whole."""
    streams = _streams(seed, 8)
    base = base_rows(streams[0], rows)
    return _clean(base, streams, seed) if clean else _flawed(base, streams, seed)


def _clean(base: Base, streams: list[np.random.Generator], seed: int) -> Sample:
    drafts = templates(streams[1], base.concept)
    notes = fill(drafts.texts, np.arange(len(base.day)), drafts.upper, figures(streams[2], base.amount))
    names = np.array(NAMES, dtype=object)[base.concept]
    nothing = [None] * len(notes)
    rows = _truth_rows(base, names, nothing, [[]] * len(notes), nothing)
    return Sample(_export(base, notes, names, base.day >= 0), rows, _truth(base, seed, {}))


def _flawed(base: Base, streams: list[np.random.Generator], seed: int) -> Sample:
    _, prose, sums, layout, wording, filing, inserts, dates = streams
    concept = defects.plant_birth(layout, base.concept, base.day)
    names = defects.true_names(concept, base.day)
    habits = defects.find_habits(layout, concept, base.payer == SEGMENT_PAYER, base.coder == HABIT_CODER)
    near = duplicates.near_duplicates(layout, names.ids, ~habits.suspects)
    # The code goes by given label: into one note of a group and not the other.
    leakable = names.ids == defects.LEAKED
    clash = duplicates.conflicting_duplicates(layout, names.ids, ~(habits.suspects | near.member | leakable))
    amount = base.amount[clash.source]

    drafts = templates(prose, concept)
    texts = duplicates.with_figures(drafts, near)
    texts = [texts[row] for row in near.source.tolist()]
    notes = fill(texts, near.source, drafts.upper, figures(sums, amount))
    notes, new_wording = defects.drift_wording(wording, notes, base.day)
    notes = [notes[row] for row in clash.source.tolist()]
    copied = near.member | clash.member

    labels = defects.file_labels(filing, names, habits, near, clash)
    plain = ~(copied | labels.noise | habits.suspects)
    typed, variants, variant_rows = defects.spell_labels(filing, labels, plain)
    notes, coded = defects.leak_code(inserts, notes, labels)
    wanted = round(defects.PERSONAL_SHARE * len(notes))
    notes, personal = add_personal_data(inserts, notes, ~copied, wanted)
    no_date = np.zeros(len(notes), dtype=np.bool_)
    no_date[dates.choice(len(notes), size=round(defects.NO_DATE_SHARE * len(notes)), replace=False)] = True

    planted = Planted(
        habits=habits,
        near=near,
        clash=clash,
        noise=labels.noise,
        variants=variants,
        variant_rows=variant_rows,
        new_wording=new_wording[clash.source],
        coded=coded,
        personal=personal,
        no_date=no_date,
    )
    masks = planted.masks()
    order = list(masks)
    carried = [
        [defect for defect, has in zip(order, row, strict=True) if has]
        for row in zip(*(mask.tolist() for mask in masks.values()), strict=True)
    ]
    groups = [
        f"near-{a:05d}" if a >= 0 else f"conflict-{b:05d}" if b >= 0 else None
        for a, b in zip(near.group.tolist(), clash.group.tolist(), strict=True)
    ]
    told = describe(planted, names, labels.ids, PAYERS[SEGMENT_PAYER], CODERS[HABIT_CODER])
    return Sample(
        _export(base, notes, typed, ~no_date, amount),
        _truth_rows(
            base,
            np.array(NAMES, dtype=object)[names.ids],
            [row[0] if row else None for row in carried],
            carried,
            groups,
        ),
        _truth(base, seed, told),
    )


def _export(
    base: Base, notes: list[str], labels: Strings, dated: Bools, amount: NDArray[np.float64] | None = None
) -> pl.DataFrame:
    epoch_day = (base.day + int(np.datetime64(FIRST_DAY).astype(np.int64))).astype(np.int32)
    frame = pl.DataFrame(
        {
            "claim_id": base.claim_id.tolist(),
            "denied_on": pl.Series(epoch_day).cast(pl.Date),
            "payer": [PAYERS[value] for value in base.payer.tolist()],
            "facility": [FACILITIES[value] for value in base.facility.tolist()],
            "coder": [CODERS[value] for value in base.coder.tolist()],
            "amount": base.amount if amount is None else amount,
            "note": notes,
            "category": labels.tolist(),
        }
    )
    return frame.with_columns(pl.when(pl.Series(dated)).then(pl.col("denied_on")).alias("denied_on"))


def _truth_rows(
    base: Base,
    names: Strings,
    defect: list[str] | list[None] | list[str | None],
    carried: list[list[str]],
    groups: list[str | None] | list[None],
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "claim_id": base.claim_id.tolist(),
            "true_label": names.tolist(),
            "defect": defect,
            "defects": carried,
            "duplicate_group": groups,
        },
        schema={
            "claim_id": pl.String,
            "true_label": pl.String,
            "defect": pl.String,
            "defects": pl.List(pl.String),
            "duplicate_group": pl.String,
        },
    )


def _truth(base: Base, seed: int, told: dict[str, Any]) -> dict[str, Any]:
    ever = NAMES if told else NAMES[: len(CATEGORIES)]
    gone = defects.NAMES_GONE if told else ()
    return {
        "variant": "default" if told else "clean",
        "seed": seed,
        "rows": len(base.day),
        "first_date": FIRST_DAY.isoformat(),
        "last_date": LAST_DAY.isoformat(),
        "columns": {
            "id": "claim_id",
            "time": "denied_on",
            "text": "note",
            "label": "category",
            "annotator": "coder",
            "segments": ["payer", "facility"],
        },
        "labels": {"ever": list(ever), "active_at_end": [name for name in ever if name not in gone]},
        "defects": told,
    }


def _write_truth(truth: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write(sample: Sample, out: Path) -> None:
    """``denials.parquet``, ``truth_rows.parquet`` and ``truth.json`` in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    sample.export.write_parquet(out / "denials.parquet")
    sample.truth_rows.write_parquet(out / "truth_rows.parquet")
    _write_truth(sample.truth, out / "truth.json")


def write_small(out: Path) -> None:
    """The sample that the repository keeps, as CSV: ``denials_small.csv`` and its truth in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    sample = make(SMALL_ROWS)
    sample.export.write_csv(out / "denials_small.csv")
    _write_truth(sample.truth, out / "denials_small_truth.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sample_data.generate", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--clean", action="store_true", help="plant no defects")
    parser.add_argument("--small", action="store_true", help="write the small sample of the repository")
    options = parser.parse_args()
    if options.small:
        write_small(options.out)
    else:
        write(make(options.rows, options.seed, options.clean), options.out)


if __name__ == "__main__":
    main()
