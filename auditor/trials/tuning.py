"""Fine-tuning an encoder with a linear head: all weights, rate and epochs chosen on validation rows."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.inputs.trial import INTERRUPTED, MINUTES, PLANNED
from auditor.trials.encoder import embed, half_precision, pooled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from sklearn.linear_model import LogisticRegression

    from auditor.trials.encoder import Encoder, Ids, Values

    Codes = NDArray[np.int64]

# Tried on 2,000 rows of BANKING77 (ADR 18).
BATCH, EPOCHS = 32, 4
RATES = (5e-5, 2e-4)
# The head is small and learns faster; the rest is the usual recipe (Mosbach et al. 2021).
HEAD_FASTER, WARM_UP, DECAY, CLIP = 10.0, 0.1, 0.01, 1.0
# Epochs without a gain on validation rows, after which a run ends.
PATIENCE = 2
# Batches hold texts of like length, so that few tokens are padding; sorted within so many batches.
POOL = 12
# Inverse penalties of the probe, on vectors of unit length.
STRENGTHS = (1.0, 10.0, 100.0)
# The score of a class that was not seen.
NEVER = -20.0


@dataclass(frozen=True)
class Head:
    """Scores are vectors (n, d) times ``weights`` (d, K) plus ``bias`` (K,)."""

    weights: Values
    bias: Values

    def answers(self, vectors: Values) -> Codes:
        return np.asarray((vectors @ self.weights + self.bias).argmax(axis=1))


@dataclass(frozen=True)
class Lessons:
    """Texts as token ids with class codes: those learnt from, and those that rate and epochs are chosen on."""

    ids: Ids
    codes: Codes
    checked: Ids
    wanted: Codes
    at_start: float


@dataclass(frozen=True)
class Epoch:
    """One pass over the rows at ``rate``: the share of validation rows that were right after it."""

    rate: float
    number: int
    right: float


@dataclass(frozen=True)
class Tuned:
    """The ``head`` of the weights that did best on validation rows, ``kept`` after that of the ``epochs``; None where
    none did better than the start. ``ended``: planned, minutes or interrupted.
    """

    head: Head
    kept: Epoch | None
    epochs: tuple[Epoch, ...]
    ended: str


def probe(vectors: Values, codes: Codes, checked: Values, wanted: Codes, n_classes: int) -> Head:
    """Logistic regression on frozen vectors, of the strength that does best on the ``checked`` ones."""
    from sklearn.linear_model import LogisticRegression

    fitted = [LogisticRegression(C=strength, max_iter=500).fit(vectors, codes) for strength in STRENGTHS]
    heads = [_of_all_classes(model, n_classes) for model in fitted]
    return max(heads, key=lambda head: float((head.answers(checked) == wanted).mean()))


def _of_all_classes(model: LogisticRegression, n_classes: int) -> Head:
    """Classes that were not seen get scores that no text reaches."""
    weights = np.zeros((model.coef_.shape[1], n_classes), np.float32)
    bias = np.full(n_classes, NEVER, np.float32)
    if len(model.classes_) == 2:
        weights[:, model.classes_[1]] = model.coef_[0]
        bias[model.classes_] = 0.0, model.intercept_[0]
    else:
        weights[:, model.classes_] = model.coef_.T
        bias[model.classes_] = model.intercept_
    return Head(weights, bias)


def fine_tune(encoder: Encoder, start: Head, lessons: Lessons, seed: int, go_on: Callable[[float], bool]) -> Tuned:
    """Leaves the weights that did best on validation rows in ``encoder``.

    Each rate makes one epoch from the same start; the better one goes on. ``go_on`` hears the share that is done after
    every batch, and says whether to continue. An interruption ends the training as well, and loses nothing.
    """
    made: list[Epoch] = []
    runs: list[_Run] = []
    ended = PLANNED
    planned = EPOCHS + len(RATES) - 1

    def epoch(run: _Run) -> None:
        steps = len(run.lessons.ids) / BATCH
        for step, _ in enumerate(run.steps(), start=1):
            if not go_on((len(made) + min(step / steps, 1)) / planned):
                raise TimeoutError
        made.append(run.check())

    try:
        for rate in RATES:
            runs.append(_Run(encoder, start, lessons, rate, seed))
            epoch(runs[-1])
        chosen = max(runs, key=lambda run: run.checks[-1])
        while len(chosen.checks) < EPOCHS and not chosen.stalled:
            epoch(chosen)
    except TimeoutError:
        ended = MINUTES
    except KeyboardInterrupt:
        ended = INTERRUPTED
    best = max(runs, key=lambda run: run.right, default=None)
    if best is None:
        return Tuned(start, None, (), ended)
    encoder.model.load_state_dict(best.weights)
    return Tuned(best.head, best.kept, tuple(made), ended)


class _Run:
    """A training at one rate, from the encoder as it is and the head ``start``; it keeps the weights that did best."""

    def __init__(self, encoder: Encoder, start: Head, lessons: Lessons, rate: float, seed: int) -> None:
        import torch

        torch.manual_seed(seed)
        self.rate, self.lessons = rate, lessons
        self.encoder = replace(encoder, model=copy.deepcopy(encoder.model))
        self.layer = torch.nn.Linear(*start.weights.shape)
        with torch.no_grad():
            self.layer.weight.copy_(torch.from_numpy(start.weights.T))
            self.layer.bias.copy_(torch.from_numpy(start.bias))
        self.layer.to(encoder.device)
        self.rng = np.random.default_rng(seed)
        groups = [
            {"params": list(self.encoder.model.parameters()), "lr": rate},
            {"params": list(self.layer.parameters()), "lr": rate * HEAD_FASTER},
        ]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=DECAY, fused=True)
        total = EPOCHS * len(batches(lessons.ids, self.rng))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: share_of_rate(step, total))
        self.checks: list[float] = []
        self.kept: Epoch | None = None
        self.right, self.head, self.weights = lessons.at_start, start, encoder.model.state_dict()

    @property
    def stalled(self) -> bool:
        """Whether the last epochs gained nothing; the start does not count, from which the first ones may fall."""
        return len(self.checks) > PATIENCE and max(self.checks[-PATIENCE:]) <= max(self.checks[:-PATIENCE])

    def steps(self) -> Iterator[None]:
        """One epoch; every step hands over after it."""
        import torch

        for batch in batches(self.lessons.ids, self.rng):
            self.encoder.model.train()
            with half_precision(self.encoder.device):
                vectors = pooled(self.encoder, [self.lessons.ids[row] for row in batch])
            wanted = torch.from_numpy(self.lessons.codes[batch]).to(self.encoder.device)
            loss = torch.nn.functional.cross_entropy(self.layer(vectors.float()), wanted)
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.encoder.model.parameters(), CLIP)
            self.optimiser.step()
            self.schedule.step()
            yield

    def check(self) -> Epoch:
        """What the epoch came to; the best weights are kept."""
        weights, bias = (part.detach().cpu().numpy() for part in (self.layer.weight, self.layer.bias))
        head = Head(weights.T.copy(), bias.copy())
        right = float((head.answers(embed(self.encoder, self.lessons.checked)) == self.lessons.wanted).mean())
        self.checks.append(right)
        made = Epoch(self.rate, len(self.checks), right)
        if right > self.right:
            copied = {name: part.clone() for name, part in self.encoder.model.state_dict().items()}
            # All or none, if an interruption comes now.
            self.right, self.head, self.weights, self.kept = right, head, copied, made
        return made


def share_of_rate(step: int, total: int) -> float:
    """Linear warm-up, then linear decay to none."""
    warm = WARM_UP * total
    return min((step + 1) / warm, (total - step) / (total - warm))


def batches(ids: Ids, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """The rows in batches of like length, in random order."""
    order = rng.permutation(len(ids))
    lengths = np.array([len(row) for row in ids])
    pools = [order[start : start + BATCH * POOL] for start in range(0, len(order), BATCH * POOL)]
    pools = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    found = [pool[start : start + BATCH] for pool in pools for start in range(0, len(pool), BATCH)]
    return [found[at] for at in rng.permutation(len(found))]
