"""The language model, behind pydantic-ai: the only importer of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Self

from ringfence.agent.settings import PREFIX, AgentSettings
from ringfence.errors import ModelFailed, NoModel

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model as AnyModel
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.usage import RequestUsage

__all__ = ["Ahead", "Conversation", "Model", "Response", "ToolCall"]

_HOW = (
    f"set {PREFIX}MODEL to provider:name as pydantic-ai has it, with that provider's own variables "
    f"(openai:gpt-5 and OPENAI_API_KEY), or {PREFIX}BASE_URL to an OpenAI-compatible endpoint, "
    f"{PREFIX}MODEL to a model's name there and {PREFIX}API_KEY to its key"
)
_MILLION = 1_000_000
_BYTES_OF_A_TOKEN = 4
"""Of English and of code; other texts have up to four times as many tokens."""


@dataclass(frozen=True)
class ToolCall:
    """A call that the model wants made, as it wrote it."""

    id: str
    tool: str
    arguments: str | dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the model answered to one request.

    Attributes:
        text: what it said; may be empty.
        calls: the tool calls that it wants, in order.
        input_tokens: what it read, as reported; None if nothing was.
        output_tokens: what it wrote.
        cost: US dollars; None where no price is known.
    """

    text: str
    calls: Sequence[ToolCall]
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What the next request may use, estimated before it is sent.

    Attributes:
        tokens: what it reads (a token for each 4 bytes of the conversation, and no less than was
            reported last, with a token for each 4 bytes since), and the most that it may write.
        cost: US dollars of these; None where no price is known.
    """

    tokens: int
    cost: Decimal | None


class Model:
    """A language model that is configured, and may be used by many tasks of one event loop.

    Args:
        settings: which, and what it costs.

    Raises:
        NoModel: none is configured, or not usably; or a bound on what it spends was asked for, and
            its price is not known.
    """

    def __init__(self, settings: AgentSettings) -> None:
        if settings.model is None:
            raise NoModel(f"no language model is configured: {_HOW}")
        try:
            import pydantic_ai.direct  # noqa: F401 - now, which takes seconds, or the message says so
        except ImportError:
            raise NoModel(
                "language models need pydantic-ai, which is not installed here. "
                "Get it with: pip install 'ringfence[agent]'"
            ) from None
        self.settings = settings
        self._model = _pydantic_model(settings)
        if settings.bounds.spend is not None and not self._has_price():
            raise NoModel(
                f"{PREFIX}SPEND cannot be kept: no price of {settings.model!r} is known. Set "
                f"{PREFIX}PRICE_IN and {PREFIX}PRICE_OUT to US dollars for a million tokens"
            )

    async def __aenter__(self) -> Self:
        """Its connections are kept until the block ends."""
        await self._model.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._model.__aexit__(None, None, None)

    def converse(self, instructions: str, query: str, tool: tuple[str, str, Any]) -> Conversation:
        """A conversation of its own. ``tool`` is a name, a description and a JSON Schema."""
        return Conversation(self.settings, self._model, instructions, query, tool)

    async def answer(
        self,
        instructions: str | None,
        messages: Sequence[tuple[Literal["user", "assistant"], str]],
        temperature: float | None,
    ) -> Response:
        """What the model says to a conversation, without a tool: one request.

        Args:
            instructions: for it, or None.
            messages: who said what; the last is the user's.
            temperature: 0 to 2, or None for the model's own.

        Raises:
            ModelFailed: there is no answer.
        """
        from pydantic_ai.messages import (
            ModelRequest,
            ModelResponse,
            TextPart,
            UserPromptPart,
        )
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.settings import ModelSettings

        said: list[ModelMessage] = [
            ModelRequest(
                parts=[UserPromptPart(content=_sendable(text))],
                instructions=None if instructions is None else _sendable(instructions),
            )
            if role == "user"
            else ModelResponse(parts=[TextPart(content=_sendable(text))])
            for role, text in messages
        ]
        bounds = self.settings.bounds
        options = ModelSettings(max_tokens=bounds.response_tokens, timeout=bounds.request_seconds)
        if temperature is not None:
            options["temperature"] = temperature
        response = await _request(self._model, said, options, ModelRequestParameters())
        reported = not response.usage.unmeasured_requests and response.usage.input_tokens > 0
        return Response(
            text=(response.text or "").strip(),
            calls=(),
            input_tokens=response.usage.input_tokens if reported else None,
            output_tokens=response.usage.output_tokens if reported else None,
            cost=None,
        )

    def _has_price(self) -> bool:
        return _cost_of(self.settings, self._model, 1, 1) is not None


class Conversation:
    """Requests to a model that follow each other."""

    def __init__(
        self,
        settings: AgentSettings,
        model: AnyModel,
        instructions: str,
        query: str,
        tool: tuple[str, str, Any],
    ) -> None:
        from pydantic_ai.messages import ModelRequest, UserPromptPart
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.settings import ModelSettings
        from pydantic_ai.tools import ToolDefinition

        self._settings = settings
        self._model = model
        self._instructions = instructions
        self._messages: list[ModelMessage] = [
            ModelRequest(
                parts=[UserPromptPart(content=_sendable(query))], instructions=instructions
            )
        ]
        name, description, schema = tool
        self._parameters = ModelRequestParameters(
            function_tools=[
                ToolDefinition(name=name, description=description, parameters_json_schema=schema)
            ]
        )
        self._bytes = sum(map(_bytes, (instructions, query, name, description, json.dumps(schema))))
        self._reported = 0
        self._reported_at = 0
        bounds = settings.bounds
        self._model_settings = ModelSettings(
            max_tokens=bounds.response_tokens,
            timeout=bounds.request_seconds,
            max_retries=bounds.retries,
        )

    def ahead(self) -> Ahead:
        """What the next request may use."""
        since = self._reported + _tokens(self._bytes - self._reported_at)
        read = max(_tokens(self._bytes), since)
        written = self._settings.bounds.response_tokens
        return Ahead(
            tokens=read + written, cost=_cost_of(self._settings, self._model, read, written)
        )

    async def ask(self) -> Response:
        """The model's next response.

        Raises:
            ModelFailed: there is none.
        """
        response = await _request(
            self._model, self._messages, self._model_settings, self._parameters
        )
        self._messages.append(response)
        # A report that cannot be read is one of no tokens; a request is never empty.
        reported = not response.usage.unmeasured_requests and response.usage.input_tokens > 0
        self._bytes += _bytes(response.text or "")
        for call in response.tool_calls:
            self._bytes += _bytes(
                call.args if isinstance(call.args, str) else json.dumps(call.args)
            )
        if reported:
            self._reported = response.usage.input_tokens + max(0, response.usage.output_tokens)
            self._reported_at = self._bytes
        return Response(
            text=(response.text or "").strip(),
            calls=[
                ToolCall(call.tool_call_id, call.tool_name, call.args)
                for call in response.tool_calls
            ],
            input_tokens=response.usage.input_tokens if reported else None,
            output_tokens=response.usage.output_tokens if reported else None,
            cost=self._cost(response) if reported else None,
        )

    def tell(self, outcomes: Sequence[tuple[ToolCall, str]]) -> None:
        """What came of the tool calls of the last response, each of them."""
        from pydantic_ai.messages import ModelRequest, ToolReturnPart

        self._bytes += sum(_bytes(text) for _, text in outcomes)
        parts = [
            ToolReturnPart(tool_name=call.tool, content=text, tool_call_id=call.id)
            for call, text in outcomes
        ]
        self._messages.append(ModelRequest(parts=parts, instructions=self._instructions))

    def urge(self, text: str) -> None:
        """The last response was empty; say so."""
        from pydantic_ai.messages import ModelRequest, UserPromptPart

        self._bytes += _bytes(text)
        self._messages.append(
            ModelRequest(parts=[UserPromptPart(content=text)], instructions=self._instructions)
        )

    def _cost(self, response: Any) -> Decimal | None:
        price_in, price_out = self._settings.price_in, self._settings.price_out
        if price_in is not None and price_out is not None:
            usage: RequestUsage = response.usage
            return (price_in * usage.input_tokens + price_out * usage.output_tokens) / _MILLION
        # What somebody's endpoint takes for a model of that name is not in any list.
        return None if self._settings.base_url is not None else _listed_cost(response)


async def _request(
    model: AnyModel,
    messages: list[ModelMessage],
    options: ModelSettings,
    parameters: ModelRequestParameters,
) -> ModelResponse:
    """One request, and what came of it.

    Raises:
        ModelFailed: nothing did; the message has nothing of what the endpoint said.
    """
    from pydantic_ai.direct import model_request
    from pydantic_ai.exceptions import AgentRunError, ModelHTTPError, UserError

    try:
        return await model_request(
            model, messages, model_settings=options, model_request_parameters=parameters
        )
    except ModelHTTPError as error:
        raise ModelFailed(f"the model's endpoint answered {error.status_code}") from error
    except (AgentRunError, UserError, UnicodeError) as error:
        raise ModelFailed(f"the model did not answer: {_kind(error)}") from error


def _sendable(text: str) -> str:
    """``text`` without halves of surrogate pairs, which JSON can say and UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode()


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))


def _tokens(size: int) -> int:
    return -(-size // _BYTES_OF_A_TOKEN)


def _cost_of(settings: AgentSettings, model: AnyModel, read: int, written: int) -> Decimal | None:
    """What so many tokens cost, before there is a response."""
    if settings.price_in is not None and settings.price_out is not None:
        return (settings.price_in * read + settings.price_out * written) / _MILLION
    if settings.base_url is not None:
        return None
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.usage import RequestUsage

    return _listed_cost(
        ModelResponse(
            parts=[],
            usage=RequestUsage(input_tokens=read, output_tokens=written),
            model_name=model.model_name,
            provider_name=model.system,
        )
    )


def _listed_cost(response: Any) -> Decimal | None:
    """By the prices that pydantic-ai knows; they are part of what is installed."""
    try:
        return Decimal(response.cost().total_price)
    except (LookupError, ValueError, AssertionError):
        return None


def _kind(error: BaseException) -> str:
    """What went wrong, without what an endpoint said."""
    cause = error.__cause__
    return type(error).__name__ + (f" ({type(cause).__name__})" if cause is not None else "")


def _pydantic_model(settings: AgentSettings) -> AnyModel:
    assert settings.model is not None
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    try:
        if settings.base_url is not None:
            return _compatible_model(settings.model, settings.base_url, settings.api_key)
        if settings.api_key is not None:
            raise NoModel(
                f"{PREFIX}API_KEY belongs to {PREFIX}BASE_URL, which is not set. For "
                f"{settings.model!r} set its provider's own variable, such as OPENAI_API_KEY"
            )
        return infer_model(settings.model)
    except (UserError, ImportError, ValueError) as error:
        raise NoModel(f"{PREFIX}MODEL={settings.model!r} cannot be used: {error}. {_HOW}") from None


def _compatible_model(name: str, base_url: str, api_key: str | None) -> AnyModel:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    if not base_url.startswith(("http://", "https://")):
        raise NoModel(f"{PREFIX}BASE_URL={base_url!r} is no address of HTTP. {_HOW}")
    provider = OpenAICompatibleProvider(
        "ringfence", base_url=base_url.rstrip("/"), api_key=api_key or "none"
    )
    return OpenAIChatModel(name, provider=provider)
