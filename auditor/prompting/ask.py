"""Sends the questions to an OpenAI-compatible endpoint, several at a time and never beyond the budget."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NoReturn

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential_jitter,
)

from auditor.errors import ConfigError, InputError
from auditor.prompting.answers import Answer, Outcome
from auditor.prompting.budget import counted
from auditor.prompting.http import Response, Unanswered, client, post
from auditor.prompting.prompt import answer_format, answer_reader
from auditor.prompting.reply import Fault, Reply, read_fault, read_reply
from auditor.script_tokens import tokens_in

if TYPE_CHECKING:
    import httpx2

    from auditor.prompting.answers import AnswerFile
    from auditor.prompting.budget import Budget
    from auditor.prompting.endpoint import Endpoint
    from auditor.prompting.prompt import Question

# Tries of one question, and the seconds after which it is not tried again.
TRIES, PATIENCE = 6, 300.0
# Seconds before the second try, doubled before each further one; those after a request to slow down that names none;
# and the most.
FIRST_WAIT, SLOW_DOWN, LONGEST_WAIT = 0.5, 10.0, 60.0
# Room for a model that thinks a little before it answers; the answer itself takes some 20 tokens.
ANSWER_TOKENS = 512
NO_COMPLETION = "sends something that is no chat completion (does --endpoint end in /v1?)"
KEPT = "Answers that came are kept; run the same command again to go on."


class _Declined(Exception):
    """The endpoint refuses the request as it stands."""

    def __init__(self, status: int, fault: Fault) -> None:
        super().__init__()
        self.status = status
        self.fault = fault


@dataclass(frozen=True)
class Model:
    """Where to ask, whom, and with what key."""

    endpoint: Endpoint
    name: str
    key: str
    temperature: float

    def key_of(self, question: Question) -> str:
        """Names the request; another host's answer to it is another."""
        return question.key(self.endpoint.host, self.name, self.temperature)


def request_body(question: Question, model: Model, labels: Sequence[str] | None) -> bytes:
    """The request in JSON, with the ``labels`` as its response format where the endpoint takes one.

    No byte-level tokeniser makes more tokens of it than it has bytes.
    """
    content = {
        "model": model.name,
        "messages": [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}],
        "temperature": model.temperature,
        "max_completion_tokens": ANSWER_TOKENS,
        **({} if labels is None else {"response_format": answer_format(labels)}),
    }
    return json.dumps(content, ensure_ascii=False).encode()


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

    The first goes alone: an endpoint that refuses everything sees one record.

    Raises:
        ConfigError: the endpoint refuses the key, the model or the request, or redirects it.
        InputError: the endpoint cannot be reached, or keeps failing.

    """
    keys = [model.key_of(question) for question in questions]
    answers = [known.get(key) for key in keys]
    open_questions = iter([at for at, answer in enumerate(answers) if answer is None])

    async def ask() -> None:
        async with client(model.key) as http:
            asker = _Asker(http, labels, model, known, budget)

            async def work(turns: Iterator[int]) -> None:
                for at in turns:
                    answers[at] = await asker.answer(questions[at], keys[at])
                    on_answer()

            await work(islice(open_questions, 1))
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(concurrency):
                        group.create_task(work(open_questions))
            except ExceptionGroup as failures:
                raise failures.exceptions[0] from None

    asyncio.run(ask())
    return answers


class _Asker:
    def __init__(
        self, http: httpx2.AsyncClient, labels: Sequence[str], model: Model, known: AnswerFile, budget: Budget
    ) -> None:
        self._http = http
        self._labels = labels
        self._read = answer_reader(labels)
        self._model = model
        self._known = known
        self._budget = budget
        self._structured = True
        self._took_schema = False

    async def answer(self, question: Question, key: str) -> Answer | None:
        """Tried again while the failure may pass; None where the budget does not reach."""
        tries = AsyncRetrying(
            stop=stop_after_attempt(TRIES) | stop_after_delay(PATIENCE),
            wait=_wait,
            retry=retry_if_exception_type(Unanswered),
            reraise=True,
        )
        try:
            return await tries(self._try, question, key)
        except Unanswered as failure:
            raise InputError(f"'{self._model.endpoint.host}' {failure}, even after several tries. {KEPT}") from None

    async def _try(self, question: Question, key: str) -> Answer | None:
        """With a JSON schema as response format; once more without, where the endpoint has taken none yet."""
        structured = self._structured
        try:
            return await self._send(question, key, structured=structured)
        except _Declined as declined:
            if not structured or self._took_schema or declined.fault is Fault.TEMPERATURE:
                self._explain(declined)
        self._structured = False
        try:
            return await self._send(question, key, structured=False)
        except _Declined as declined:
            self._explain(declined)

    async def _send(self, question: Question, key: str, *, structured: bool) -> Answer | None:
        """One request. What it used is counted and on disk, whatever comes of it."""
        body = request_body(question, self._model, self._labels if structured else None)
        most, used = (len(body), ANSWER_TOKENS), (tokens_in(body.decode()), 0)
        if not self._budget.reserve(*most):
            return None
        answer = Answer(key, None, *used, Outcome.FAILED)
        try:
            response = await post(self._http, self._model.endpoint, body)
            reply = self._useful(response)
            if reply is None:
                answer = Answer(key, None, 0, 0, Outcome.REFUSED)
            else:
                received = tokens_in((reply.content or "").encode(errors="replace").decode())
                used = counted(reply.stated[0], used[0], most[0]), counted(reply.stated[1], received, most[1])
                answer = Answer(key, self._read(reply.content), *used)
                self._took_schema |= structured
        except Unanswered as failure:
            if not failure.sent:
                answer = Answer(key, None, 0, 0, Outcome.FAILED)
            raise
        finally:
            self._budget.settle(most, (answer.input_tokens, answer.output_tokens))
            self._known.add(answer)
        return answer

    def _useful(self, response: Response) -> Reply | None:
        """The reply, or None where the endpoint refuses this one record."""
        host = self._model.endpoint.host
        match response.status:
            case 200:
                try:
                    return read_reply(response.body)
                except ValueError:
                    raise Unanswered(NO_COMPLETION) from None
            case status if 300 <= status < 400:
                raise ConfigError(
                    f"'{host}' redirects to another address (status {status}). A redirect is never followed: records "
                    "go where you send them, nowhere else. Give the final address with --endpoint."
                )
            case 401 | 403:
                raise ConfigError(f"'{host}' refuses the key. Check the environment variable that holds it.")
            case 404:
                raise ConfigError(
                    f"'{host}' knows no model '{self._model.name}', or no such path. Check --model and --endpoint, "
                    "which usually ends in /v1."
                )
            case 429:
                wait = _seconds(response.retry_after) or SLOW_DOWN
                raise Unanswered("asks to slow down, or the account is used up", wait=wait)
            case 408 | 409 | 425:
                raise Unanswered("is not ready to answer", wait=_seconds(response.retry_after))
            case status if 400 <= status < 500:
                fault = read_fault(response.body)
                if status == 413 or fault is Fault.RECORD:
                    return None
                raise _Declined(status, fault)
            case status:
                raise Unanswered(f"fails (status {status})", wait=_seconds(response.retry_after))

    def _explain(self, declined: _Declined) -> NoReturn:
        """The refusal in a sentence. Never the endpoint's own words: they may quote the record."""
        host, temperature = self._model.endpoint.host, f"{self._model.temperature:g}"
        if declined.fault is Fault.TEMPERATURE:
            raise ConfigError(
                f"'{self._model.name}' at '{host}' refuses temperature {temperature}. Pass the one that it takes, "
                "usually --temperature 1."
            )
        raise ConfigError(
            f"'{host}' refuses the request (status {declined.status}). Check --model; perhaps it takes no temperature "
            f"{temperature} (--temperature), or no prompt of that length (--examples)."
        )


def _seconds(header: str) -> float:
    """The seconds of a Retry-After header, 0 where it holds a date or nothing that can be read."""
    try:
        seconds = float(header)
    except ValueError:
        return 0.0
    return seconds if seconds > 0 else 0.0


def _wait(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.wait if isinstance(failure, Unanswered) else 0.0
    return min(max(asked, wait_exponential_jitter(multiplier=FIRST_WAIT, jitter=FIRST_WAIT)(state)), LONGEST_WAIT)
