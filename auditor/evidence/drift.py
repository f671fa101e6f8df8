"""The earlier half of the dated records beside the later half, counted for each comparison of drift."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.stats import rankdata

from auditor.estimators.drift import Amounts, Mix, Ranks
from auditor.evidence.moments import class_sums, score, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.evidence.proxy import FoldMoments

# Held out at once: a model that saw none of their dates makes every order of these as likely.
HELD_OUT = (0, 1)
MAX_KS_ROWS = 20_000


def mix(kind: str, subject: str, values: NDArray[np.int32], late: NDArray[np.bool_]) -> Mix:
    """Codes (n,) of any categories, and which rows are ``late`` (n,)."""
    early, later = (np.bincount(values[part], minlength=int(values.max()) + 1) for part in (~late, late))
    return Mix(kind, subject, early, later)


def amounts(kind: str, subject: str, values: NDArray[np.float64], late: NDArray[np.bool_]) -> Amounts:
    """Numbers (n,), NaN where missing: 20,000 to 40,000 of each half, or all."""
    known = np.isfinite(values)
    halves = (values[known & part] for part in (~late, late))
    return Amounts(kind, subject, *(half[:: max(1, len(half) // MAX_KS_ROWS)] for half in halves))


def ranks(phi: Features, codes: Codes, moments: FoldMoments, late: NDArray[np.int8]) -> Ranks:
    """How a model ranks late texts (1) and early ones (0; -1 undated) of the same class, on two held-out folds.

    Trained on whether a text is late beyond what its class says.
    """
    n_classes = int(codes.max()) + 1
    dated = late >= 0
    held, known = (np.isin(moments.folds, HELD_OUT) == side for side in (True, False))
    held, known = np.flatnonzero(held & dated), known & dated
    seen = np.bincount(codes[known], minlength=n_classes)
    rate = np.bincount(codes[known], late[known], n_classes) / np.maximum(seen, 1)
    rest = moments.total
    for fold in HELD_OUT:
        rest = rest - moments.parts[fold]
    of_all, of_late = (class_sums(phi, codes, np.flatnonzero(part), n_classes) for part in (known, known & (late == 1)))
    beyond = (of_late - of_all * rate).sum(axis=1, keepdims=True)
    model = solve(replace(rest, cross=beyond), moments.fit.ridge)
    scores, classes, is_late = score(phi, held, model)[:, 0], codes[held], late[held] == 1
    of_late_ranks, spread = np.zeros((2, n_classes))
    for code in np.unique(classes):
        rows = classes == code
        own = rankdata(scores[rows])
        of_late_ranks[code] = own[is_late[rows]].sum()
        spread[code] = float(((own - own.mean()) ** 2).sum())
    texts, late_texts = (np.bincount(each, minlength=n_classes) for each in (classes, classes[is_late]))
    return Ranks(texts, late_texts, of_late_ranks, spread)


def columns(rows: pl.DataFrame, late: NDArray[np.bool_]) -> list[Mix | Amounts]:
    """Each column of segments and of numbers of the dated ``rows``."""
    found: list[Mix | Amounts] = []
    for name in rows.columns:
        kind, _, column = name.partition(":")
        if kind == "segment" and rows[name].n_unique() > 1:
            codes = rows[name].fill_null("").rank("dense").to_numpy().astype(np.int32) - 1
            found.append(mix("column", column, codes, late))
        elif kind == "numeric":
            found.append(amounts("column", column, rows[name].cast(float).to_numpy().astype(float), late))
    return found


def missing(frame: pl.DataFrame, times: pl.Series, halves: NDArray[np.int8]) -> list[Mix]:
    """Blank cells, texts and labels, over every row of the ``frame`` that is dated within ``times`` (n,), whose
    ``halves`` (n,) are those of the rows that are used.
    """
    middle = times.filter(halves == 1)[0]
    dated = frame.filter(pl.col("time").is_between(times.min(), times.max()))
    late = (dated["time"] >= middle).to_numpy()
    found = []
    for name in dated.columns:
        kind, _, column = name.partition(":")
        if kind not in ("segment", "numeric", "label", "text"):
            continue
        blank = (dated[name].is_null() | (dated[name] == "") if name == "text" else dated[name].is_null()).to_numpy()
        if 0 < blank.sum() < len(blank):
            found.append(mix("missing", column or kind, blank.astype(np.int32), late))
    return found


def last_days(times: pl.Series) -> tuple[int, int]:
    """The rows of the last 30 days, and of the 90 before these."""
    last = times.max()
    recent = (times > last - timedelta(days=30)).sum()  # type: ignore[operator]
    return int(recent), int((times > last - timedelta(days=120)).sum() - recent)  # type: ignore[operator]
