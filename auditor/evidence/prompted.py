"""A prompted system's answers against the given labels and the trained model, on the same records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.means import mean_error
from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes

PROMPTED: Key[Prompted] = Key("answers of a prompt")
TRAINED: Key[Prompted] = Key("answers of a trained model")
BESIDE_TRIAL: Key[Prompted] = Key("answers beside a trial")


@dataclass(frozen=True)
class Prompted:
    """For ``rows`` (a,), those that were asked: the class code of each run's answer, ``runs`` (a, R).

    -1 stands for an answer that is no class, -2 for a run that did not ask. ``weights`` (a,) say how many records each
    stands for: they differ where the rows of a sheet were asked.
    """

    rows: NDArray[np.int64]
    runs: NDArray[np.int32]
    weights: NDArray[np.float64]

    def right(self, classes: Classes) -> NDArray[np.float64]:
        """The share (a,) of a row's runs that gave its label."""
        return self.giving(classes.codes[self.rows])

    def giving(self, labels: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.float64]:
        """The share (a,) of a row's runs that gave the class codes ``labels`` (a,)."""
        asked = self.runs > -2
        hits = (self.runs == labels[:, None]) & asked
        return np.asarray(hits.sum(axis=1) / asked.sum(axis=1))

    def mean(self, values: NDArray[np.bool_] | NDArray[np.float64]) -> float:
        """Of ``values`` (a,) over all records that the rows stand for."""
        return float(np.average(values, weights=self.weights))

    def error(self, values: NDArray[np.bool_] | NDArray[np.float64]) -> float:
        """The standard error of `mean`."""
        return mean_error(values, self.weights)

    @property
    def repeated(self) -> NDArray[np.bool_]:
        """Which rows (a,) more than one run asked."""
        return np.asarray((self.runs > -2).sum(axis=1) > 1)

    @property
    def inconsistent(self) -> NDArray[np.bool_]:
        """Which rows (a,) got different answers."""
        lowest = np.where(self.runs > -2, self.runs, np.iinfo(np.int32).max).min(axis=1)
        return np.asarray(self.runs.max(axis=1) != lowest)


def prompted(
    classes: Classes, answers: Sequence[pl.Series], row_ids: pl.Series, drawn: Mapping[int, float] | None = None
) -> Prompted:
    """``answers`` hold one run (n,) each, null where it did not ask. Case and white space do not matter.

    ``drawn`` are the records that each row of a sheet stands for, by row id; they count where all rows asked are of it.
    """
    code = {folded(name): number for number, name in enumerate(classes.names)}
    runs = np.column_stack(
        [[-2 if said is None else code.get(folded(said), -1) for said in run.to_list()] for run in answers]
    ).astype(np.int32)
    rows = np.flatnonzero((runs > -2).any(axis=1))
    asked = row_ids.gather(rows).to_list()
    of_sheet = drawn is not None and all(row_id in drawn for row_id in asked)
    weights = [drawn[row_id] for row_id in asked] if drawn is not None and of_sheet else np.ones(len(rows))
    return Prompted(rows, runs[rows], np.asarray(weights, float))
