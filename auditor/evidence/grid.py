"""Features on a grid: whole numbers of steps, a byte each, read as float32 where they are used.

A quarter of the memory of float32, and the same numbers: a step is a power of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    Rows: TypeAlias = NDArray[np.int64] | NDArray[np.bool_] | slice

# The most steps to either side of 0.
LEVELS = 127


@dataclass(frozen=True, eq=False)
class Gridded:
    """Features φ (n, D): ``steps`` (n, D) from -LEVELS to LEVELS, each column times its ``step`` (D,).

    The first column is a constant. Those of the other parts are mixed, so that a prefix is a small fair space.
    """

    steps: NDArray[np.int8]
    step: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, rows: Rows) -> NDArray[np.float32]:
        """φ of some rows."""
        block = self.steps[rows].astype(np.float32)
        block *= self.step
        return block

    @property
    def shape(self) -> tuple[int, int]:
        n, width = self.steps.shape
        return n, width

    def columns(self, which: slice) -> Gridded:
        """Some of the columns, not copied."""
        return Gridded(self.steps[:, which], self.step[which])


Features: TypeAlias = Gridded | NDArray[np.float32]


def columns(phi: Features, which: slice) -> Features:
    """Some of the columns of ``phi``."""
    return phi.columns(which) if isinstance(phi, Gridded) else phi[:, which]


def steps_of(values: NDArray[np.float32], step: float) -> NDArray[np.int8]:
    """The nearest of `LEVELS` steps to either side of 0."""
    return np.asarray(np.clip(np.rint(values / np.float32(step)), -LEVELS, LEVELS), np.int8)
