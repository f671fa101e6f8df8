"""The questions that no export answers: who owns the model, who pays for it, what the data may be used for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from auditor.model import GovernanceAnswer

# House list (2026), after the map and govern functions of the NIST AI Risk Management Framework 1.0 (2023) and the
# data questions of Gebru et al. 2021, Datasheets for Datasets.
QUESTIONS: Mapping[str, str] = {
    "owner": "who owns the model",
    "retraining_budget": "what may be spent on retraining in a year",
    "retraining_plan": "who retrains it, when, and what would set it off",
    "taxonomy_owner": "who decides what a class means and when it changes",
    "definitions": "where the classes are defined",
    "consent": "on what ground the records may be used for training",
    "purpose": "for what purpose they were collected and may be used",
    "licence": "under which licence or contract they are held",
    "retention": "when records and model are deleted",
    "region": "in which region they may be processed",
    "provider": "who trains and hosts the model",
    "provider_end_of_life": "when the provider retires the base model",
    "review_cadence": "how often people review a sample of its answers",
}

Answer = str | date | Mapping[str, str]


def answers(given: Mapping[str, Answer]) -> tuple[GovernanceAnswer, ...]:
    """Every question with what `[governance]` in audit.toml says of it."""
    return tuple(_answer(key, question, given.get(key)) for key, question in QUESTIONS.items())


# Without these nobody may train on the records; an answer that begins with one of the words says that they lack.
PERMISSIONS = ("consent", "purpose", "licence")
REFUSED = ("no", "not", "none", "never", "forbidden", "refused", "denied")


def permitted(found: tuple[GovernanceAnswer, ...]) -> bool:
    """Whether no answer says that the records may not be used for training."""
    said = (each.answer for each in found if each.key in PERMISSIONS and each.answer)
    return not any(re.split(r"\W+", answer.strip().lower(), maxsplit=1)[0] in REFUSED for answer in said)


def _answer(key: str, question: str, given: Answer | None) -> GovernanceAnswer:
    if isinstance(given, Mapping):
        return GovernanceAnswer(key, question, None, given["not_applicable"])
    return GovernanceAnswer(key, question, None if given is None else str(given), None)
