"""What a check is: metadata that lists, docs and ``auditor explain`` read, and one pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.batch import Batch
    from auditor.limits import Limit
    from auditor.model import CheckReport, GateId, Template
    from auditor.results import Key, Results


@dataclass(frozen=True)
class Parameter:
    """A constant of a check's method, in the one place where it stands, with where it comes from."""

    name: str
    value: float
    source: str


@dataclass(frozen=True)
class Context:
    """What a check may read: of the ``results`` those that it declares. ``horizon`` is in months."""

    batch: Batch
    results: Results
    horizon: int
    parameters: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)

    def __getitem__(self, parameter: str) -> float:
        return self.parameters[parameter]


@dataclass(frozen=True)
class Check:
    """``needs`` names the column roles and ``reads`` the results without which the check is not applicable; ``may``
    names results that it reads where they exist. ``limits`` are those of its measurements: gate and findings are held
    to them. ``templates`` are all that its findings say.

    ``run`` may raise NotApplicable where the export tells nothing; it does no I/O.
    """

    code: str
    name: str
    title: str
    gate: GateId
    why: str
    run: Callable[[Context], CheckReport]
    reads: tuple[Key[Any], ...] = ()
    may: tuple[Key[Any], ...] = ()
    needs: frozenset[str] = frozenset()
    parameters: tuple[Parameter, ...] = ()
    limits: tuple[Limit, ...] = ()
    templates: tuple[Template, ...] = ()
