"""What the name of a column says of what it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from auditor.inputs.columns import Column

TEXT_NAMES = {
    **dict.fromkeys(("text", "narrative", "note", "notes", "description", "message"), 3.0),
    **dict.fromkeys(("comment", "comments", "body", "content", "complaint", "question", "utterance"), 3.0),
    **dict.fromkeys(("summary", "details", "remarks", "query", "document", "abstract", "transcript"), 2.0),
    "input": 2.0,
    **dict.fromkeys(("subject", "title"), 0.5),
    **dict.fromkeys(("output", "response", "answer", "reply", "resolution", "completion"), -2.0),
}
LABEL_NAMES = {
    **dict.fromkeys(("label", "labels", "target", "class", "intent"), 4.0),
    **dict.fromkeys(("category", "reason", "topic", "tag", "determination", "disposition"), 3.0),
    **dict.fromkeys(("outcome", "decision", "sentiment", "accept", "cats"), 3.0),
    **dict.fromkeys(("product", "code", "classification"), 2.0),
    **dict.fromkeys(("type", "issue", "group", "kind"), 1.5),
    **dict.fromkeys(("queue", "department"), 1.0),
}
TIME_NAMES = {
    **dict.fromkeys(("created", "published", "received", "submitted", "opened", "filed", "reported"), 3.0),
    **dict.fromkeys(("date", "datetime", "time", "timestamp", "ts", "day", "on", "at"), 2.0),
    **dict.fromkeys(("year", "month", "period", "when"), 1.5),
    **dict.fromkeys(("updated", "modified", "closed", "due", "expires", "expiry", "birth", "dob"), -4.0),
}
ID_NAMES = dict.fromkeys(
    ("id", "uuid", "guid", "key", "number", "no", "num", "nr", "ref", "reference", "claim", "case", "ticket"),
    2.0,
)
ANNOTATORS = {
    "annotator", "coder", "labeler", "labeller", "reviewer", "agent", "clerk", "rater", "adjudicator",
    "annotated", "coded", "labeled", "labelled", "reviewed", "entered", "worker", "analyst",
}  # fmt: skip
ENTITY_NAMES = {
    "patient", "member", "subscriber", "customer", "client", "account", "claim", "case", "thread", "conversation",
    "session", "user", "person", "policy", "contract", "order", "ticket", "household", "company", "id", "uuid", "key",
}  # fmt: skip
CODE_NAMES = {"id", "code", "site", "team", "queue", "branch", "region", "payer", "clinic", "plan", "unit"}
TRUTH_NAMES = {"true", "gold", "truth", "corrected", "revised", "suggested", "predicted", "prediction"}
SPLIT_NAMES = {"split", "fold", "partition", "subset"}
SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "holdout"}


USUAL = frozenset({
    *TEXT_NAMES, *LABEL_NAMES, *TIME_NAMES, *ID_NAMES, *ANNOTATORS, *ENTITY_NAMES, *CODE_NAMES, *SPLIT_NAMES,
    "name", "status", "amount", "source", "column",
})  # fmt: skip


def name_score(column: Column, weights: Mapping[str, float]) -> float:
    """A name that is the word itself counts more than one that contains it."""
    if (name := _singular(column.name.lower(), weights)) in weights:
        return weights[name]
    tokens = [_singular(token, weights) for token in column.tokens]
    found = [weights[token] * 0.75 for token in tokens if token in weights]
    return min(found, default=0.0) if any(value < 0 for value in found) else max(found, default=0.0)


def _singular(word: str, words: Collection[str]) -> str:
    return word if word in words else re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")


def says(column: Column, words: Collection[str]) -> bool:
    """Whether one word of the name is among ``words``."""
    return any(token in words for token in column.tokens)
