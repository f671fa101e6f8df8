"""The trial's models and their rivals: all learn the same rows and answer the same other ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.inputs.trial import INTERRUPTED
from auditor.trials import rivals
from auditor.trials.encoder import embed, encode, length_of
from auditor.trials.tuning import Lessons, Tuned, fine_tune, probe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.moments import Codes
    from auditor.trials.encoder import Encoder
    from auditor.trials.split import Split


@dataclass(frozen=True)
class Contest:
    """Class codes (q,) that each answers to the rows asked; ``tuned`` and ``training`` None where only the probe was
    wanted. Of every text the first ``length`` tokens were read, which cut the share ``cut`` of the texts.
    """

    tuned: NDArray[np.int64] | None
    probe: NDArray[np.int64]
    ordinary: Codes
    vote: Codes
    length: int
    cut: float
    training: Tuned | None


def hold(
    encoder: Encoder,
    texts: Sequence[str],
    codes: Codes,
    n_classes: int,
    phi: Features,
    rows: Split,
    seed: int,
    on_stage: Callable[[str], None],
    go_on: Callable[[float], bool] | None,
) -> Contest:
    """``texts``, ``codes`` and ``phi`` are of all rows. Without ``go_on``, see `fine_tune`, only the probe."""
    on_stage("Ordinary classifier on the same rows")
    linear = rivals.ordinary(texts, codes, rows)
    voted = rivals.vote(phi, codes, rows, n_classes)
    on_stage("Reading the texts with the encoder")
    tokens = np.array([len(row) for row in encode(encoder, [texts[row] for row in rows.train])])
    length = length_of(tokens, encoder.longest)
    ids = {name: encode(encoder, [texts[row] for row in part], length) for name, part in _parts(rows).items()}
    learnt, wanted = codes[rows.train].astype(np.int64), codes[rows.validation].astype(np.int64)
    vectors = {name: embed(encoder, part) for name, part in ids.items()}
    head = probe(vectors["train"], learnt, vectors["validation"], wanted, n_classes)
    probed = head.answers(vectors["asked"])
    tuned, training = None, None
    if go_on is not None:
        at_start = float((head.answers(vectors["validation"]) == wanted).mean())
        lessons = Lessons(ids["train"], learnt, ids["validation"], wanted, at_start)
        training = Tuned(head, None, (), INTERRUPTED)
        try:
            on_stage("Fine-tuning")
            training = fine_tune(encoder, head, lessons, seed, go_on)
            on_stage("Answering")
            tuned = training.head.answers(embed(encoder, ids["asked"]))
        except KeyboardInterrupt:
            # What was learnt is not lost; another interruption ends it.
            tuned = training.head.answers(embed(encoder, ids["asked"]))
            training = replace(training, ended=INTERRUPTED)
    return Contest(tuned, probed, linear, voted, length, float((tokens > length).mean()), training)


def _parts(rows: Split) -> dict[str, NDArray[np.int64]]:
    return {"train": rows.train, "validation": rows.validation, "asked": rows.asked}
