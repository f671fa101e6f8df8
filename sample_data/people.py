"""Made-up personal data in notes. Telephone numbers are of the block that is kept for fiction (555-01xx)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sample_data.text import Bools

_FIRST = (
    "Maria|James|Linda|Robert|Patricia|Michael|Jennifer|David|Elena|William|Susan|Carlos|Jessica|"
    "Thomas|Sarah|Daniel|Karen|Anthony|Nancy|Marcus|Lisa|Steven|Angela|Kevin|Rosa|Brian|Denise|Jason|"
    "Monica|Eric|Tanya|Ryan|Priya|Jamal|Mei|Andre|Olga|Luis|Fatima|Peter"
)
_LAST = (
    "Lopez|Smith|Johnson|Nguyen|Brown|Garcia|Miller|Davis|Rodriguez|Wilson|Martinez|Anderson|Taylor|"
    "Thomas|Hernandez|Moore|Jackson|Martin|Lee|Perez|Thompson|White|Harris|Sanchez|Clark|Ramirez|"
    "Lewis|Robinson|Walker|Young|Allen|King|Wright|Torres|Hill|Flores|Green|Adams|Nelson|Baker|Patel|"
    "Okafor|Kowalski|Haddad"
)
_AREAS = ("212", "305", "312", "404", "415", "503", "512", "602", "617", "702", "713", "813", "916")
_NAME_FORMS = (
    "Pt {first} {last}",
    "spoke w/ {first} {last}",
    "Mr. {first} {last} called",
    "Mrs. {first} {last} aware",
    "mother {first} {last} notified",
)
_PHONE_FORMS = (
    "cb ({area}) 555-{line}",
    "call back {area}-555-{line}",
    "ph {area}.555.{line}",
    "direct line {area}-555-{line}",
)
_EMAIL_FORMS = ("email {low_first}.{low_last}@example.com", "sent to {low_first}{low_last}@example.org")
_MRN_FORMS = ("MRN {mrn}", "MRN: {mrn}", "chart MRN#{mrn}")

KINDS: Mapping[str, tuple[Sequence[str], float]] = {
    "name": (_NAME_FORMS, 0.50),
    "phone": (_PHONE_FORMS, 0.28),
    "mrn": (_MRN_FORMS, 0.14),
    "email": (_EMAIL_FORMS, 0.08),
}
_SECOND_KIND_SHARE = 0.12
_LONGEST_NOTE = 50
_BOUNDARY = re.compile(r"(?:[.;] | - )")


@dataclass(frozen=True)
class PersonalData:
    rows: Bools
    rows_by_kind: Mapping[str, int]


def add_personal_data(
    rng: np.random.Generator, notes: Sequence[str], free: Bools, count: int
) -> tuple[list[str], PersonalData]:
    """Notes of which ``count`` name a person, a number or an address; only where ``free`` allows."""
    room = np.array([note.count(" ") < _LONGEST_NOTE for note in notes])
    picked = np.sort(rng.choice(np.flatnonzero(free & room), size=count, replace=False))
    kinds, shares = tuple(KINDS), [share for _, share in KINDS.values()]
    changed = list(notes)
    rows = np.zeros(len(notes), dtype=np.bool_)
    rows[picked] = True
    rows_by_kind = dict.fromkeys(kinds, 0)
    for row in picked.tolist():
        number = 2 if rng.random() < _SECOND_KIND_SHARE else 1
        chosen = rng.choice(len(kinds), size=number, replace=False, p=shares).tolist()
        changed[row] = _insert(rng, changed[row], ", ".join(_fragment(rng, kinds[index]) for index in chosen))
        for index in chosen:
            rows_by_kind[kinds[index]] += 1
    return changed, PersonalData(rows, rows_by_kind)


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _fragment(rng: np.random.Generator, kind: str) -> str:
    forms = KINDS[kind][0]
    first, last = _pick(rng, _FIRST.split("|")), _pick(rng, _LAST.split("|"))
    return _pick(rng, forms).format(
        first=first,
        last=last,
        low_first=first.lower(),
        low_last=last.lower(),
        area=_pick(rng, _AREAS),
        line=f"01{rng.integers(100):02d}",
        mrn=f"{rng.integers(10**6, 10**8):08d}",
    )


def _insert(rng: np.random.Generator, note: str, fragment: str) -> str:
    places = [0, *(found.end() for found in _BOUNDARY.finditer(note))]
    at = places[int(rng.integers(len(places)))]
    return f"{note[:at]}{fragment}; {note[at:]}"
