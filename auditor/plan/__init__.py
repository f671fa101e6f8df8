"""Which steps an audit takes: declared by gate, run in the order of what they need.

The plan knows every estimator, and no estimator knows the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.evidence import dates, profile, sampling
from auditor.evidence.given import (
    BATCH,
    EXAMPLES_WANTED,
    HORIZON,
    ITEMS,
    LIMITS,
    LOTS,
    ROWS,
    SEED,
    STRAY_DATES,
    THREADS,
    TIMES,
)
from auditor.evidence.profile import PROFILE
from auditor.keys import Lots
from auditor.plan import benefit, changes, labels, patterns, shared, stability
from auditor.plan.resolver import Resolver
from auditor.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.batch import Batch
    from auditor.limits import Limit
    from auditor.results import Key

STEPS = (*shared.STEPS, *labels.STEPS, *patterns.STEPS, *stability.STEPS, *changes.STEPS, *benefit.STEPS)


def steps_for(
    batch: Batch,
    seed: int,
    on_stage: Callable[[str], None] = lambda _: None,
    *,
    on_end: Callable[[str, float], None] = lambda *_: None,
    horizon: int = 6,
    limits: tuple[Limit, ...] = (),
    examples: int = 0,
    threads: Threads | None = None,
    cost: Mapping[str, float] | None = None,
    forget_texts: bool = False,
) -> Resolver:
    """Every step about the usable rows of ``batch``, none of them run yet. ``horizon`` is in months; without
    ``limits`` nothing can be computed that is held to one. Where it may ``forget_texts``, those of records that are not
    modelled take no memory.
    """
    every, strays = dates.without_strays(batch.usable("time"))
    drawn_by = [name for name in ("text", "label", "key", "draw_key") if name in batch.frame.columns]
    rows = sampling.sampled(every.with_columns(batch.frame.select(drawn_by)[every["at"]]))
    rows = sampling.compact(batch.with_texts(batch.frame[rows["at"]].with_columns(rows["time"])))
    threads = threads or Threads(1)
    lots, items = (Lots(rows[name].to_numpy(), seed) for name in ("key", "item"))
    given: dict[Key[Any], object] = {
        BATCH: batch.without_texts() if forget_texts else batch,
        PROFILE: profile.scan(batch.frame),
        ROWS: rows,
        TIMES: every["time"],
        STRAY_DATES: strays,
        SEED: seed,
        LOTS: lots,
        ITEMS: items,
        HORIZON: horizon,
        LIMITS: {limit.measurement: limit for limit in limits},
        EXAMPLES_WANTED: examples,
        THREADS: threads,
    }
    return Resolver(STEPS, given, on_stage, on_end, threads, cost)
