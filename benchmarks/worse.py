"""How often `--fail-on worse` stops a pipeline where nothing changed, and where something did.

    python -m benchmarks.worse [AUDITS [ROWS]]

Audits AUDITS draws of one made-up process (1,500 records, 5 % of the labels flipped), then as many draws each with 5
points more of flipped labels, with one class merged into another and with one source gone. Every ordered pair of the
first is a pair without a change; the others are each held against every draw of the first.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from itertools import permutations, product
from pathlib import Path

from auditor.api import audit
from auditor.config import Config
from auditor.history.compare import Change, compared
from auditor.history.record import Record, read, slim
from reports import to_json
from tests.exports import ROLES, export, saved

FLIPPED = {"do": "flip", "where": {"share": 0.05}}
PLANTS = {
    "5 points of noise": ({"do": "flip", "where": {"share": 0.05}}, "label_noise_rate"),
    "a merged class": (
        {"do": "set", "column": "label", "value": "billing", "where": {"label": "coverage"}},
        "lost_classes",
    ),
    "a dead source": ({"do": "drop", "where": {"payer": "north"}}, "lost_sources"),
}
CLASSES = ("billing", "coverage", "records", "provider", "timely filing", "bundling")


def record(folder: Path, rows: int, seed: int, *plants: dict) -> Record:
    """What the history keeps of an audit of one draw."""
    data = export(rows, classes=CLASSES, own_words=3, seed=seed, plant=[FLIPPED, *plants])
    # Drift enters none of the figures, and takes most of the time.
    config = Config(export=saved(data, folder), ignore={f"STA00{n}": "not compared" for n in (2, 5, 6, 8)}, **ROLES)
    result, _ = audit(config)
    return read(slim(json.loads(to_json(result)), result.run.content), folder)


def main(audits: int, rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = [record(folder, rows, seed) for seed in range(audits)]
        pairs = [compared(a, b) for a, b in permutations(plain, 2)]
        causes = Counter(cause for pair in pairs for cause in _causes(pair))
        print(f"no change: {sum(p.worse for p in pairs)} of {len(pairs)} pairs stop; {dict(causes)}", flush=True)
        for seen in ("label_noise_rate", "accuracy_given_labels", "near_duplicate_share"):
            print(seen, [next(m.after for m in pairs[i].named if m.measurement == seen) for i in range(audits - 1)])
        for what, (plant, figure) in PLANTS.items():
            planted = [record(folder, rows, 100 + seed, plant) for seed in range(audits)]
            found = [compared(a, b) for a, b in product(plain, planted)]
            named = sum(figure in _causes(pair) for pair in found)
            causes = Counter(cause for pair in found for cause in _causes(pair))
            stops = sum(p.worse for p in found)
            print(f"{what}: {stops} of {len(found)} pairs stop, {named} named; {dict(causes)}", flush=True)


def _causes(pair) -> list[str]:
    named = [each.measurement for each in pair.named if each.change is Change.WORSE]
    return [*named, *(f"gate {gate.gate}" for gate in pair.gates if gate.fell), *pair.obstacles]


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], "8", "1500")[:2]) if len(sys.argv) < 3 else map(int, sys.argv[1:3]))
