"""A language model that guests may ask, within bounds: off unless an operator switched it on."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ringfence.errors import GuestVisibleError, ModelFailed, NoModel, RingfenceError
from ringfence.mcp.redaction import Redaction

if TYPE_CHECKING:
    from mcp_types import CreateMessageRequest, CreateMessageResult

    from ringfence.agent.settings import AgentSettings

__all__ = [
    "BoundedSampler",
    "ClientSampler",
    "CreateMessage",
    "Message",
    "ModelSampler",
    "Question",
    "Reply",
    "Sampler",
    "SamplingBounds",
    "SamplingRefused",
    "read_question",
]

_MOST_MESSAGES = 100
_BYTES_OF_A_TOKEN = 4


@dataclass(frozen=True)
class Message:
    """One of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a guest asks a model.

    Attributes:
        messages: at least one; the last is the user's.
        system: instructions, or None.
        max_tokens: the most that the answer may have.
        temperature: 0 to 2, or None for the model's own.
    """

    messages: Sequence[Message]
    system: str | None = None
    max_tokens: int = 1_000
    temperature: float | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model answered.

    Attributes:
        text: its words.
        tokens: what was read and written, as reported; None if nothing was.
        model: which, as it says itself; may be empty.
    """

    text: str
    tokens: int | None = None
    model: str = ""


class SamplingRefused(GuestVisibleError):
    """A question was not answered. The message is for the guest."""


class Sampler(Protocol):
    """Somebody who answers: the client, a model."""

    async def ask(self, question: Question) -> Reply:
        """The answer.

        Raises:
            SamplingRefused: there is none; the message is for the guest.
        """


CreateMessage = Callable[["CreateMessageRequest"], Awaitable["CreateMessageResult"]]
"""MCP's ``sampling/createMessage``, in whichever way the client's protocol has it."""


class ClientSampler:
    """The client's model, by MCP sampling. The client may ask its user first, and may refuse.

    Args:
        create_message: sends the request and gives its result.
    """

    def __init__(self, create_message: CreateMessage) -> None:
        self._create_message = create_message

    async def ask(self, question: Question) -> Reply:
        """As :meth:`Sampler.ask`."""
        import mcp_types

        request = mcp_types.CreateMessageRequest(
            params=mcp_types.CreateMessageRequestParams(
                messages=[
                    mcp_types.SamplingMessage(
                        role=one.role, content=mcp_types.TextContent(type="text", text=one.text)
                    )
                    for one in question.messages
                ],
                system_prompt=question.system,
                max_tokens=question.max_tokens,
                temperature=question.temperature,
            )
        )
        try:
            result = await self._create_message(request)
        except RingfenceError as error:
            raise SamplingRefused(f"the client's model was not asked: {error}") from error
        except Exception as error:  # whatever the client answered is no answer
            raise SamplingRefused("the client did not ask its model, or refused to") from error
        if not isinstance(result.content, mcp_types.TextContent):
            raise SamplingRefused("the client's model answered with something else than text")
        return Reply(text=result.content.text, model=result.model[:100])


class ModelSampler:
    """A configured model: an operator's, by the settings ``RINGFENCE_AGENT_…``.

    Args:
        settings: which.

    Raises:
        NoModel: none is configured.
    """

    def __init__(self, settings: AgentSettings) -> None:
        if settings.model is None:
            raise NoModel("no language model is configured; set RINGFENCE_AGENT_MODEL")
        self._settings = settings

    async def ask(self, question: Question) -> Reply:
        """As :meth:`Sampler.ask`."""
        from ringfence.agent.model import Model

        bounds = replace(self._settings.bounds, response_tokens=question.max_tokens)
        try:
            async with Model(replace(self._settings, bounds=bounds)) as model:
                said = [(one.role, one.text) for one in question.messages]
                response = await model.answer(question.system, said, question.temperature)
        except (ModelFailed, NoModel) as error:
            raise SamplingRefused(str(error)) from error
        read, written = response.input_tokens, response.output_tokens
        tokens = None if read is None or written is None else read + max(0, written)
        return Reply(text=response.text, tokens=tokens, model=self._settings.model or "")


@dataclass(frozen=True, kw_only=True)
class SamplingBounds:
    """What one run may ask.

    Attributes:
        rounds: questions.
        tokens: read and written, of all rounds; estimated by 4 bytes each before a question is
            sent, and where nothing is reported.
        response_tokens: the most of one answer; a question that asks for more gets so many.
        seconds: for one answer.
    """

    rounds: int = 10
    tokens: int = 20_000
    response_tokens: int = 4_000
    seconds: float = 60.0


class BoundedSampler:
    """One run's: counts rounds and tokens, and takes secrets out of what goes and comes.

    Questions that are asked at once each count with the most that they may use, until they are
    answered: no number of them gets beyond the bounds.

    Args:
        sampler: who answers.
        bounds: of the run.
        secrets: gives texts that are never sent or shown, beside what looks like a secret; it is
            called for each question, for servers are started while a run lasts.
        note: is told ``{rounds, tokens, ms, outcome, model, question_sha256}`` of each question.
    """

    def __init__(
        self,
        sampler: Sampler,
        bounds: SamplingBounds | None = None,
        *,
        secrets: Callable[[], Collection[str]] = tuple,
        note: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        self._sampler = sampler
        self._bounds = SamplingBounds() if bounds is None else bounds
        self._secrets = secrets
        self._note = note
        self.rounds = 0
        """Questions so far, refused ones not counted."""
        self.tokens = 0
        """Read and written so far, with what may yet be of questions that are under way."""

    async def ask(self, question: Question) -> Reply:
        """As :meth:`Sampler.ask`.

        Raises:
            SamplingRefused: also where a bound was reached.
        """
        started = time.perf_counter()
        most = min(question.max_tokens, self._bounds.response_tokens)
        question = replace(question, max_tokens=most)
        self._check_room(question)  # what is too long is not looked through for secrets
        asked = self._redacted(question)
        reserved = self._reserve(asked)
        outcome, reply, used = "cancelled", None, reserved
        try:
            async with asyncio.timeout(self._bounds.seconds):
                reply = await self._sampler.ask(asked)
            used = self._estimate(asked) + _tokens(reply.text)
            if reply.tokens is not None:
                used = max(1, reply.tokens)
            outcome = "ok"
            # More than was asked for is not passed on: the client says which model it has. It is
            # cut after a secret was taken out, of which the beginning would be left otherwise.
            longest = asked.max_tokens * 4 * _BYTES_OF_A_TOKEN
            text = Redaction(self._secrets()).of(reply.text[: 2 * longest])
            return replace(reply, text=text[:longest])
        except TimeoutError:
            outcome = "timeout"
            raise SamplingRefused(
                f"the model did not answer within {self._bounds.seconds:g} s"
            ) from None
        except SamplingRefused:
            outcome = "refused"
            raise
        finally:
            self.tokens += used - reserved
            if self._note is not None:
                self._note(
                    {
                        "rounds": self.rounds,
                        "tokens": self.tokens,
                        "ms": round((time.perf_counter() - started) * 1_000, 3),
                        "outcome": outcome,
                        "model": "" if reply is None else reply.model,
                        "question_sha256": _digest(asked),
                    }
                )

    def _redacted(self, question: Question) -> Question:
        clean = Redaction(self._secrets()).of
        return replace(
            question,
            messages=[Message(one.role, clean(one.text)) for one in question.messages],
            system=None if question.system is None else clean(question.system),
        )

    def _reserve(self, question: Question) -> int:
        most = self._check_room(question)
        self.rounds += 1
        self.tokens += most
        return most

    def _check_room(self, question: Question) -> int:
        """The most tokens that a question may use; the run has them left."""
        bounds = self._bounds
        if self.rounds >= bounds.rounds:
            raise SamplingRefused(f"a run may ask {bounds.rounds:,} times, and these were asked")
        most = self._estimate(question) + question.max_tokens
        if self.tokens + most > bounds.tokens:
            left = max(0, bounds.tokens - self.tokens)
            raise SamplingRefused(
                f"this question may use {most:,} tokens, and the run has {left:,} of "
                f"{bounds.tokens:,} left; ask for less, or with a smaller max_tokens"
            )
        return most

    def _estimate(self, question: Question) -> int:
        return _tokens(question.system or "") + sum(_tokens(one.text) for one in question.messages)


def read_question(
    messages: object, system: object, max_tokens: object, temperature: object
) -> Question:
    """A question as a guest has put it: the one place that reads it.

    Raises:
        SamplingRefused: it is not one; the message says what is wrong.
    """
    if not isinstance(messages, list) or not 0 < len(messages) <= _MOST_MESSAGES:
        raise SamplingRefused(f"messages: a list of 1 to {_MOST_MESSAGES} is needed")
    read = [_read_message(one, f"messages[{number}]") for number, one in enumerate(messages)]
    if read[-1].role != "user":
        raise SamplingRefused("messages: the last one must have the role 'user'")
    if type(max_tokens) is not int or max_tokens < 1:
        raise SamplingRefused("max_tokens: a whole number from 1 on is needed")
    if temperature is not None:
        if type(temperature) not in {int, float} or not _between(temperature, 0, 2):
            raise SamplingRefused("temperature: a number from 0 to 2 is needed, or None")
        temperature = float(temperature)  # type: ignore[arg-type]
    return Question(
        messages=read,
        system=None if system is None else _read_text(system, "system"),
        max_tokens=max_tokens,
        temperature=temperature,
    )


def _read_message(message: object, where: str) -> Message:
    if not isinstance(message, dict) or not {"role", "content"} >= message.keys():
        raise SamplingRefused(f'{where}: {{"role": "user", "content": "…"}} is needed')
    role = message.get("role")
    text = _read_text(message.get("content"), f"{where}.content")
    if role == "user":
        return Message("user", text)
    if role == "assistant":
        return Message("assistant", text)
    raise SamplingRefused(f"{where}.role: 'user' or 'assistant' is needed")


def _read_text(text: object, where: str) -> str:
    if type(text) is not str:
        raise SamplingRefused(f"{where}: text is needed, not {type(text).__name__}")
    return text.encode("utf-8", "replace").decode()


def _between(number: Any, least: float, most: float) -> bool:
    return math.isfinite(number) and least <= number <= most


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // _BYTES_OF_A_TOKEN)


def _digest(question: Question) -> str:
    parts = [question.system or "", *(one.text for one in question.messages)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
