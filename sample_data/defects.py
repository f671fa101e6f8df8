"""The defects of the default variant, and how each is planted. ``sample_data.duplicates`` has the copies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sample_data.taxonomy import ALL_CATEGORIES, INDEX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sample_data.duplicates import Copies
    from sample_data.text import Bools, Ints, Strings

FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2025, 12, 31)


def day_number(day: date) -> int:
    return (day - FIRST_DAY).days


BIRTH = date(2025, 7, 1)
RENAME = date(2024, 2, 1)
MERGE = date(2023, 1, 1)
DRIFT_START, DRIFT_END = date(2023, 8, 15), date(2024, 2, 15)

BORN = INDEX["tele"]
RENAMED, NEW_NAME = INDEX["oon"], "Non-participating provider"
MERGED, MERGED_NAME = (INDEX["term"], INDEX["elig"]), "Eligibility not active"
SEGMENT_FROM, SEGMENT_TO = INDEX["units"], INDEX["bmax"]
CODER_FROM, CODER_TO = INDEX["mod"], INDEX["proc"]
LEAKED, LEAKED_CODE = INDEX["timely"], "RC-4471X"

NAMES: tuple[str, ...] = (*(category.name for category in ALL_CATEGORIES), NEW_NAME, MERGED_NAME)
NAMES_GONE: tuple[str, ...] = tuple(NAMES[index] for index in (RENAMED, *MERGED))
NEW_ID, MERGED_ID = len(ALL_CATEGORIES), len(ALL_CATEGORIES) + 1

BORN_SHARE = 0.01
NOISE_SHARE = 0.08
VARIANT_SHARE = 0.0045
CODER_SHARE = 0.8
LEAK_SHARE = 0.9
PERSONAL_SHARE = 0.03
NO_DATE_SHARE = 0.025

WORDING: Mapping[str, str] = {
    "utilization review": "care management review",
    "faxed": "uploaded to portal",
    "payer rep": "plan navigator",
    "voicemail": "secure message",
    "remit": "payment advice",
    "reconsideration": "redetermination",
    "member": "enrollee",
    "work queue": "denials dashboard",
}

# (category, what somebody typed, what is different)
VARIANTS: tuple[tuple[str, str, str], ...] = (
    ("expired", "authorization expired", "case"),
    ("expired", "Authorization expired ", "white space"),
    ("expired", "Auth expired", "look-alike"),
    ("cob", "Coordination of Benefits", "case"),
    ("cob", "Coordination of benefits ", "white space"),
    ("cob", "Co-ordination of benefits", "look-alike"),
    ("dup", "DUPLICATE CLAIM", "case"),
    ("dup", " Duplicate claim", "white space"),
    ("bundle", "Bundled  service", "white space"),
    ("bundle", "Bundled services", "look-alike"),
)


@dataclass(frozen=True)
class Names:
    """``ids`` (into ``NAMES``): each row's true label as it was called that day. And when each name held."""

    concept: Ints
    days: Ints
    ids: Ints
    starts: Ints
    ends: Ints

    def active(self, ids: Ints, days: Ints) -> Bools:
        return np.asarray((self.starts[ids] <= days) & (days < self.ends[ids]), dtype=np.bool_)


def name_at(concept: Ints, days: Ints) -> Ints:
    ids = concept.copy()
    ids[(concept == RENAMED) & (days >= day_number(RENAME))] = NEW_ID
    ids[np.isin(concept, MERGED) & (days >= day_number(MERGE))] = MERGED_ID
    return ids


def true_names(concept: Ints, days: Ints) -> Names:
    starts = np.zeros(len(NAMES), dtype=np.int64)
    ends = np.full(len(NAMES), day_number(LAST_DAY) + 1)
    starts[BORN], starts[NEW_ID], starts[MERGED_ID] = map(day_number, (BIRTH, RENAME, MERGE))
    ends[RENAMED], ends[list(MERGED)] = day_number(RENAME), day_number(MERGE)
    return Names(concept, days, name_at(concept, days), starts, ends)


def plant_birth(rng: np.random.Generator, concept: Ints, days: Ints) -> Ints:
    """Rows of the last months that turn into the new category, whatever they were."""
    late = np.flatnonzero(days >= day_number(BIRTH))
    count = min(round(BORN_SHARE * len(concept)), len(late) // 3)
    changed = concept.copy()
    changed[rng.choice(late, size=count, replace=False)] = BORN
    return changed


@dataclass(frozen=True)
class Habits:
    """Rows that a payer or a coder misfiles as a rule. ``suspects`` adds those that the coder got right."""

    segment: Bools
    coder: Bools
    suspects: Bools


def find_habits(rng: np.random.Generator, concept: Ints, in_segment: Bools, by_coder: Bools) -> Habits:
    segment = in_segment & (concept == SEGMENT_FROM)
    candidates = by_coder & (concept == CODER_FROM)
    coder = candidates & (rng.random(len(concept)) < CODER_SHARE)
    return Habits(segment, coder, segment | candidates)


def drift_wording(rng: np.random.Generator, notes: Sequence[str], days: Ints) -> tuple[list[str], Bools]:
    """Notes in newer words, more of them by the day; and which were changed."""
    start, end = day_number(DRIFT_START), day_number(DRIFT_END)
    adopted = rng.random(len(notes)) < np.clip((days - start) / (end - start), 0, 1)
    old = re.compile(r"\b(" + "|".join(WORDING) + r")\b", re.IGNORECASE)

    def newer(found: re.Match[str]) -> str:
        word = WORDING[found[0].lower()]
        if found[0].isupper():
            return word.upper()
        return word[0].upper() + word[1:] if found[0][0].isupper() else word

    drifted = [old.sub(newer, note) if new else note for note, new in zip(notes, adopted.tolist(), strict=True)]
    changed = [before != after for before, after in zip(notes, drifted, strict=True)]
    return drifted, np.array(changed, dtype=np.bool_)


@dataclass(frozen=True)
class Labels:
    """Given labels as indices, and which rows random noise or a conflict changed."""

    ids: Ints
    noise: Bools


def file_labels(rng: np.random.Generator, names: Names, habits: Habits, near: Copies, clash: Copies) -> Labels:
    """What was filed: habits and conflicts first, then random noise on rows that have neither."""
    ids = names.ids.copy()
    ids[habits.segment], ids[habits.coder] = SEGMENT_TO, CODER_TO
    _file_clashes(rng, ids, names, clash)
    free = np.flatnonzero(~(habits.suspects | near.member | clash.member))
    noise = np.zeros(len(ids), dtype=np.bool_)
    noise[rng.choice(free, size=round(NOISE_SHARE * len(ids)), replace=False)] = True
    pending = np.flatnonzero(noise)
    # Drawn from the rows themselves: a wrong label is as common as the right one of that name, so that
    # noise blurs every class alike and does not change their sizes.
    while len(pending):
        drawn = name_at(rng.choice(names.concept, size=len(pending)), names.days[pending])
        good = (drawn != names.ids[pending]) & names.active(drawn, names.days[pending])
        ids[pending[good]] = drawn[good]
        pending = pending[~good]
    return Labels(ids, noise)


def _file_clashes(rng: np.random.Generator, ids: Ints, names: Names, clash: Copies) -> None:
    """In each group one row at least keeps its label and one goes to a neighbour. Writes into ``ids``."""
    rows = np.flatnonzero(clash.member)
    order = rows[np.argsort(clash.group[rows], kind="stable")]
    for group in np.split(order, np.flatnonzero(np.diff(clash.group[order])) + 1):
        if not len(group):
            continue
        moved = rng.permutation(group)[: 1 if rng.random() < 0.5 else len(group) - 1]
        for row in moved.tolist():
            near = np.array([INDEX[key] for key in ALL_CATEGORIES[names.concept[row]].near])
            day = np.full(len(near), names.days[row])
            others = name_at(near, day)
            usable = (others != names.ids[row]) & (others != LEAKED)
            usable &= names.active(others, day)
            ids[row] = rng.choice(others[usable])


def spell_labels(rng: np.random.Generator, labels: Labels, free: Bools) -> tuple[Strings, Bools, list[int]]:
    """Labels as typed, which rows have a variant, and how many rows each of ``VARIANTS`` got."""
    typed = np.array(NAMES, dtype=object)[labels.ids]
    changed = np.zeros(len(typed), dtype=np.bool_)
    each = max(1, round(VARIANT_SHARE * len(typed) / len(VARIANTS)))
    counts = []
    for key, variant, _ in VARIANTS:
        rows = np.flatnonzero((labels.ids == INDEX[key]) & free & ~changed)
        rows = rng.choice(rows, size=min(each, len(rows) // 4), replace=False)
        typed[rows], changed[rows] = variant, True
        counts.append(len(rows))
    return typed, changed, counts


def leak_code(rng: np.random.Generator, notes: list[str], labels: Labels) -> tuple[list[str], Bools]:
    """Notes with the payer's remark code in most of one category's, by given label."""
    rows = np.flatnonzero(labels.ids == LEAKED)
    coded = np.zeros(len(notes), dtype=np.bool_)
    coded[rng.choice(rows, size=round(LEAK_SHARE * len(rows)), replace=False)] = True
    forms = (
        f"{LEAKED_CODE} {{}}",
        f"{{}} {LEAKED_CODE}",
        f"{{}} remark {LEAKED_CODE}",
        f"{LEAKED_CODE}: {{}}",
    )
    form = rng.integers(len(forms), size=len(notes)).tolist()
    marked = [
        forms[form[row]].format(note) if has else note
        for row, (note, has) in enumerate(zip(notes, coded.tolist(), strict=True))
    ]
    return marked, coded
