"""Runs steps in the order of what they need, each once, and keeps how each ended."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeVar

from auditor.errors import AuditError, NotApplicable, StepFailed, bare, or_none
from auditor.evidence.given import BATCH
from auditor.memory import give_back
from auditor.plan.left import Left
from auditor.plan.paths import longest_paths
from auditor.results import Key, Results
from auditor.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from auditor.plan.step import Step

T = TypeVar("T")


class Resolver:
    """Results of ``steps`` from what is ``given``. ``on_stage`` hears the title of every step as it starts, ``on_end``
    as it ends, with the seconds that are left of the run, both in the thread that asked for results. ``threads`` run
    what is ready, first what the longest path hangs on, by the ``cost`` of each step, by its name, in seconds.

    A step that fails costs what needs it, and nothing else. Running out of memory or disk, an interrupt, and an export
    that cannot be audited end the run instead. ``seconds`` says what each titled step took.
    """

    def __init__(
        self,
        steps: Iterable[Step[Any]],
        given: Mapping[Key[Any], object],
        on_stage: Callable[[str], None] = lambda _: None,
        on_end: Callable[[str, float], None] = lambda *_: None,
        threads: Threads | None = None,
        cost: Mapping[str, float] | None = None,
    ) -> None:
        self.steps = {each.key: each for each in steps}
        self.outcomes = dict(given)
        self.seconds: dict[str, float] = {}
        self._on_stage, self._on_end = on_stage, on_end
        self._threads = threads or Threads(1)
        self._cost = cost or {}

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
        graph = self._graph(wanted)
        given = set(self.outcomes)
        readers = Counter(key for each in graph for key in self.steps[each].reads)
        left = Left(graph, self._cost, self._threads.n)
        for each in self._run_alone(graph, left) if self._threads.n == 1 else self._run_together(graph, left):
            self._ends(self.steps[each], left.ended(each))
            for key in self.steps[each].reads:
                readers[key] -= 1
                if not readers[key] and key not in wanted and key not in given:
                    self._let_go(key)
        return Results({key: self.outcomes[key] for key in wanted})

    def order(self, wanted: Iterable[Key[Any]]) -> list[Key[Any]]:
        """What has to run for ``wanted``, in order."""
        return list(TopologicalSorter(self._graph(wanted)).static_order())

    def _graph(self, wanted: Iterable[Key[Any]]) -> dict[Key[Any], tuple[Key[Any], ...]]:
        """What has to run for ``wanted``, each with what has to run before it."""
        graph: dict[Key[Any], tuple[Key[Any], ...]] = {}
        left = [key for key in wanted if key not in self.outcomes]
        while left:
            key = left.pop()
            if key not in graph:
                graph[key] = tuple(each for each in self.steps[key].reads if each not in self.outcomes)
                left.extend(graph[key])
        return graph

    def but(self, changed: Mapping[Key[Any], object]) -> Resolver:
        """The same with some results ``changed``: what hangs on these is computed anew."""
        stale = set(changed)
        for key in TopologicalSorter({key: step.reads for key, step in self.steps.items()}).static_order():
            if key in self.steps and stale.intersection(self.steps[key].reads):
                stale.add(key)
        known = {key: outcome for key, outcome in self.outcomes.items() if key not in stale}
        return Resolver(
            self.steps.values(), known | dict(changed), self._on_stage, self._on_end, self._threads, self._cost
        )

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

    def _run_alone(self, graph: Mapping[Key[Any], Iterable[Key[Any]]], left: Left) -> Iterator[Key[Any]]:
        """One after the other; gives each step of the ``graph`` when it has ended."""
        for key in TopologicalSorter(graph).static_order():
            left.begins(key)
            self._run(self.steps[key])
            yield key

    def _run_together(self, graph: Mapping[Key[Any], Iterable[Key[Any]]], left: Left) -> Iterator[Key[Any]]:
        """As `_run_alone`, as many steps at a time as there are threads."""
        longest = longest_paths(graph, {key: self._cost.get(key.name, 0.0) for key in graph})
        sorter = TopologicalSorter(graph)
        sorter.prepare()
        ready: list[Key[Any]] = []
        running: dict[Future[None], Key[Any]] = {}
        while sorter.is_active():
            ready = sorted((*ready, *sorter.get_ready()), key=longest.__getitem__)
            while ready and len(running) < self._threads.n:
                key = ready.pop()
                left.begins(key)
                if self._begins(self.steps[key]):
                    running[self._threads.start(partial(self._compute, self.steps[key]))] = key
                else:
                    sorter.done(key)
                    yield key
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                key = running.pop(future)
                future.result()
                sorter.done(key)
                yield key

    def _run(self, step: Step[Any]) -> None:
        if self._begins(step):
            self._compute(step)

    def _begins(self, step: Step[Any]) -> bool:
        """Whether there is all that the ``step`` takes; where not, that is what it ends in."""
        known = Results(self.outcomes)
        try:
            if lacking := step.lacks(known[BATCH]):
                raise NotApplicable(lacking)
            for key in step.needs:
                _ = known[key]
        except (NotApplicable, StepFailed) as missing:
            self.outcomes[step.key] = bare(missing)
            return False
        if step.title:
            self._on_stage(step.title)
        return True

    def _compute(self, step: Step[Any]) -> None:
        start = time.perf_counter()
        try:
            self.outcomes[step.key] = step.compute(Results(self.outcomes).only(step.reads))
        except (NotApplicable, StepFailed) as missing:
            self.outcomes[step.key] = bare(missing)
        except (MemoryError, OSError, AuditError):
            raise
        except Exception as error:
            # The type alone: a message may quote record text.
            self.outcomes[step.key] = StepFailed(f"the step '{step.key.name}' failed ({type(error).__name__})")
        if step.title:
            self.seconds[step.title] = time.perf_counter() - start

    def _ends(self, step: Step[Any], left: float) -> None:
        if step.title in self.seconds:
            give_back()
            self._on_end(step.title, left)
