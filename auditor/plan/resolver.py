"""Runs steps in the order of what they need, each once, and keeps how each ended."""

from __future__ import annotations

import time
from collections import Counter
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeVar

from auditor.errors import AuditError, NotApplicable, StepFailed, bare, or_none
from auditor.evidence.given import BATCH
from auditor.results import Key, Results

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from auditor.plan.step import Step

T = TypeVar("T")


class Resolver:
    """Results of ``steps`` from what is ``given``. ``on_stage`` hears the title of every step as it starts.

    A step that fails costs what needs it, and nothing else. Running out of memory or disk, an interrupt, and an export
    that cannot be audited end the run instead. ``seconds`` says what each titled step took.
    """

    def __init__(
        self,
        steps: Iterable[Step[Any]],
        given: Mapping[Key[Any], object],
        on_stage: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.steps = {each.key: each for each in steps}
        self.outcomes = dict(given)
        self.seconds: dict[str, float] = {}
        self._on_stage = on_stage

    def __getitem__(self, key: Key[T]) -> T:
        """The result, computed now where it is not known yet, with all that it takes."""
        for each in self.order((key,)):
            self._run(self.steps[each])
        return Results(self.outcomes)[key]

    def get(self, key: Key[T]) -> T | None:
        """As `Results.get`, computed now where it is not known yet."""
        return or_none(lambda: self[key])

    def run(self, wanted: Collection[Key[Any]]) -> Results:
        """All that is ``wanted``. What led there is let go of after its last reader."""
        order = self.order(wanted)
        given = set(self.outcomes)
        readers = Counter(key for each in order for key in self.steps[each].reads)
        for each in order:
            self._run(self.steps[each])
            for key in self.steps[each].reads:
                readers[key] -= 1
                if not readers[key] and key not in wanted and key not in given:
                    self._let_go(key)
        return Results({key: self.outcomes[key] for key in wanted})

    def order(self, wanted: Iterable[Key[Any]]) -> list[Key[Any]]:
        """What has to run for ``wanted``, in order."""
        graph: dict[Key[Any], tuple[Key[Any], ...]] = {}
        left = [key for key in wanted if key not in self.outcomes]
        while left:
            key = left.pop()
            if key not in graph:
                graph[key] = tuple(each for each in self.steps[key].reads if each not in self.outcomes)
                left.extend(graph[key])
        return list(TopologicalSorter(graph).static_order())

    def but(self, changed: Mapping[Key[Any], object]) -> Resolver:
        """The same with some results ``changed``: what hangs on these is computed anew."""
        stale = set(changed)
        for key in TopologicalSorter({key: step.reads for key, step in self.steps.items()}).static_order():
            if key in self.steps and stale.intersection(self.steps[key].reads):
                stale.add(key)
        known = {key: outcome for key, outcome in self.outcomes.items() if key not in stale}
        return Resolver(self.steps.values(), known | dict(changed), self._on_stage)

    def lacking(self) -> dict[Key[Any], str]:
        """The results that the batch lacks something for, as far as that shows before anything is computed, and why."""
        batch = Results(self.outcomes)[BATCH]
        found: dict[Key[Any], str] = {}
        for key in self.order(self.steps):
            reasons = (self.steps[key].lacks(batch), *(found.get(need) for need in self.steps[key].needs))
            if reason := next(filter(None, reasons), None):
                found[key] = reason
        return found

    @property
    def failures(self) -> tuple[StepFailed, ...]:
        """Every failure of a step, once."""
        found = (each for each in self.outcomes.values() if isinstance(each, StepFailed))
        return tuple({str(each): each for each in found}.values())

    def _let_go(self, key: Key[Any]) -> None:
        if not isinstance(self.outcomes[key], NotApplicable | StepFailed):
            del self.outcomes[key]

    def _run(self, step: Step[Any]) -> None:
        known = Results(self.outcomes).only(step.reads)
        lacking = step.lacks(Results(self.outcomes)[BATCH])
        start = time.perf_counter()
        try:
            if lacking:
                raise NotApplicable(lacking)
            for key in step.needs:
                _ = known[key]
            if step.title:
                self._on_stage(step.title)
            self.outcomes[step.key] = step.compute(known)
        except (NotApplicable, StepFailed) as missing:
            self.outcomes[step.key] = bare(missing)
        except (MemoryError, OSError, AuditError):
            raise
        except Exception as error:
            # The type alone: a message may quote record text.
            self.outcomes[step.key] = StepFailed(f"the step '{step.key.name}' failed ({type(error).__name__})")
        if step.title:
            self.seconds[step.title] = time.perf_counter() - start
