"""Sends the questions to an OpenAI-compatible endpoint, several at a time and never beyond the budget."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.errors import ConfigError, InputError
from auditor.prompting.answers import Answer
from auditor.prompting.prompt import answer_format, read_answer

if TYPE_CHECKING:
    from auditor.prompting.answers import AnswerFile
    from auditor.prompting.budget import Budget
    from auditor.prompting.prompt import Question

RETRIES = 5
TIMEOUT = 120.0
# Room for a model that thinks a little before it answers; the answer itself takes some 20 tokens.
ANSWER_TOKENS = 512


@dataclass(frozen=True)
class Model:
    """Where to ask, whom, and with what key."""

    endpoint: str
    name: str
    key: str
    temperature: float


def ask_all(
    questions: Sequence[Question],
    labels: Sequence[str],
    model: Model,
    known: AnswerFile,
    budget: Budget,
    concurrency: int,
    on_answer: Callable[[], None],
) -> list[Answer | None]:
    """One answer per question, in order; None where the budget did not reach.

    Raises:
        ConfigError: the endpoint refuses the key, the model or the request.
        InputError: the endpoint cannot be reached, or keeps failing.

    """
    ask = _asker(labels, model)

    def answer(question: Question) -> Answer | None:
        key = question.key(model.name, model.temperature)
        found = known.get(key)
        reserved = question.size, ANSWER_TOKENS
        if found is None and budget.reserve(*reserved):
            label, used = ask(question)
            budget.settle(reserved, used)
            found = Answer(key, label, *used)
            known.add(found)
        on_answer()
        return found

    with ThreadPoolExecutor(concurrency) as pool:
        futures = [pool.submit(answer, question) for question in questions]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _asker(labels: Sequence[str], model: Model) -> Callable[[Question], tuple[str | None, tuple[int, int]]]:
    """A function from a question to the label and the (input, output) tokens used."""
    import openai

    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the client's transport logs every request otherwise
    client = openai.OpenAI(base_url=model.endpoint, api_key=model.key, max_retries=RETRIES, timeout=TIMEOUT)
    shape: Any = answer_format(labels)

    def ask(question: Question) -> tuple[str | None, tuple[int, int]]:
        try:
            reply = client.chat.completions.create(
                model=model.name,
                messages=[
                    {"role": "system", "content": question.system},
                    {"role": "user", "content": question.user},
                ],
                response_format=shape,
                temperature=model.temperature,
                max_completion_tokens=ANSWER_TOKENS,
            )
        except openai.APIError as error:
            raise _explained(error, model) from None
        used = (reply.usage.prompt_tokens, reply.usage.completion_tokens) if reply.usage else (question.size, 0)
        return read_answer(reply.choices[0].message.content if reply.choices else None, labels), used

    return ask


def _explained(error: Exception, model: Model) -> ConfigError | InputError:
    """The failure in a sentence. Never the endpoint's own words: they may quote the record."""
    import openai

    kept = "Answers that came are kept; run the same command again to go on."
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ConfigError(f"'{model.endpoint}' refuses the key. Check the environment variable that holds it.")
        case openai.NotFoundError():
            return ConfigError(f"'{model.endpoint}' knows no model '{model.name}'. Check --model and --endpoint.")
        case openai.RateLimitError():
            return InputError(f"'{model.endpoint}' asks to slow down, even after {RETRIES} tries. {kept}")
        case openai.APITimeoutError() | openai.APIConnectionError():
            return InputError(f"'{model.endpoint}' cannot be reached. {kept}")
        case openai.APIStatusError(status_code=code) if code < 500:
            return ConfigError(
                f"'{model.endpoint}' refuses the request (status {code}). It must take chat completions with a JSON "
                f"schema as response format and temperature {model.temperature:g} (--temperature)."
            )
        case _:
            return InputError(f"'{model.endpoint}' fails, even after {RETRIES} tries. {kept}")
