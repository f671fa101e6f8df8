"""What was planted, row by row and in sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sample_data import defects as planting
from sample_data.taxonomy import INDEX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sample_data.duplicates import Copies
    from sample_data.people import PersonalData
    from sample_data.text import Bools, Ints


@dataclass(frozen=True)
class Planted:
    """Which rows carry which defect, as the rows of the export are ordered."""

    habits: planting.Habits
    near: Copies
    clash: Copies
    noise: Bools
    variants: Bools
    variant_rows: Sequence[int]
    new_wording: Bools
    coded: Bools
    personal: PersonalData
    no_date: Bools

    def masks(self) -> Mapping[str, Bools]:
        """By defect, the one that matters most to a label first."""
        return {
            "segment_pattern": self.habits.segment,
            "coder_habit": self.habits.coder,
            "random_noise": self.noise,
            "conflicting_duplicates": self.clash.member,
            "near_duplicates": self.near.member,
            "label_variants": self.variants,
            "leaked_code": self.coded,
            "personal_data": self.personal.rows,
            "missing_dates": self.no_date,
        }


def describe(planted: Planted, names: planting.Names, given: Ints, segment: str, coder: str) -> dict[str, Any]:
    """The ``defects`` part of ``truth.json``."""
    rows = len(given)
    count = {defect: int(mask.sum()) for defect, mask in planted.masks().items()}
    share = {defect: round(number / rows, 5) for defect, number in count.items()}

    def of(*ids: int) -> int:
        return int(np.isin(names.ids, ids).sum())

    def totals(defect: str) -> dict[str, Any]:
        return {"rows": count[defect], "share": share[defect]}

    near_sizes = np.bincount(planted.near.group[planted.near.member])
    clash_sizes = np.bincount(planted.clash.group[planted.clash.member])
    suspects = planted.habits.suspects & ~planted.habits.segment
    return {
        "random_noise": totals("random_noise")
        | {"replacement": "another label active that day, drawn in proportion to its share of the rows"},
        "segment_pattern": totals("segment_pattern")
        | {
            "column": "payer",
            "value": segment,
            "from": planting.NAMES[planting.SEGMENT_FROM],
            "to": planting.NAMES[planting.SEGMENT_TO],
        },
        "coder_habit": totals("coder_habit")
        | {
            "column": "coder",
            "value": coder,
            "from": planting.NAMES[planting.CODER_FROM],
            "to": planting.NAMES[planting.CODER_TO],
            "rate": round(count["coder_habit"] / max(1, int(suspects.sum())), 4),
        },
        "born_class": {
            "label": planting.NAMES[planting.BORN],
            "date": planting.BIRTH.isoformat(),
            "rows": of(planting.BORN),
            "share": round(of(planting.BORN) / rows, 5),
        },
        "renamed_class": {
            "old": planting.NAMES[planting.RENAMED],
            "new": planting.NEW_NAME,
            "date": planting.RENAME.isoformat(),
            "rows_before": of(planting.RENAMED),
            "rows_after": of(planting.NEW_ID),
        },
        "merged_classes": {
            "from": [planting.NAMES[index] for index in planting.MERGED],
            "into": planting.MERGED_NAME,
            "date": planting.MERGE.isoformat(),
            "rows_before": of(*planting.MERGED),
            "rows_after": of(planting.MERGED_ID),
        },
        "wording_drift": {
            "start": planting.DRIFT_START.isoformat(),
            "end": planting.DRIFT_END.isoformat(),
            "swaps": [{"old": old, "new": new} for old, new in planting.WORDING.items()],
            "rows_with_new_wording": int(planted.new_wording.sum()),
        },
        "near_duplicates": totals("near_duplicates")
        | {
            "groups": len(near_sizes),
            "smallest_group": int(near_sizes.min()),
            "largest_group": int(near_sizes.max()),
        },
        "conflicting_duplicates": totals("conflicting_duplicates")
        | {
            "groups": len(clash_sizes),
            "largest_group": int(clash_sizes.max()),
            "wrong_rows": int((planted.clash.member & (given != names.ids)).sum()),
        },
        "label_variants": totals("label_variants")
        | {
            "variants": [
                {"label": planting.NAMES[INDEX[key]], "variant": variant, "kind": kind, "rows": number}
                for (key, variant, kind), number in zip(planting.VARIANTS, planted.variant_rows, strict=True)
            ]
        },
        "missing_dates": totals("missing_dates"),
        "personal_data": totals("personal_data") | {"rows_by_kind": dict(planted.personal.rows_by_kind)},
        "leaked_code": totals("leaked_code")
        | {
            "code": planting.LEAKED_CODE,
            "label": planting.NAMES[planting.LEAKED],
            "coverage": round(count["leaked_code"] / int((given == planting.LEAKED).sum()), 4),
        },
    }
