"""Which model works on agents' tasks, and what bounds it: from the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from ringfence.agent.task import Bounds
from ringfence.errors import ConfigurationError

__all__ = ["PREFIX", "AgentSettings"]

PREFIX = "RINGFENCE_AGENT_"


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """Settings of agents' tasks.

    Attributes:
        model: ``RINGFENCE_AGENT_MODEL``: a model's name at an OpenAI-compatible endpoint, if
            ``base_url`` is set; else ``provider:name`` as pydantic-ai has it (``openai:gpt-5``,
            ``anthropic:claude-…``), whose own variables name the key. None: no model.
        base_url: ``RINGFENCE_AGENT_BASE_URL``: where the endpoint is, with its ``/v1``.
        api_key: ``RINGFENCE_AGENT_API_KEY``; None is none. With ``base_url`` only.
        price_in: ``RINGFENCE_AGENT_PRICE_IN``: US dollars for a million tokens that it reads.
        price_out: ``RINGFENCE_AGENT_PRICE_OUT``: for a million that it writes.
        bounds: ``RINGFENCE_AGENT_TURNS``, ``_CALLS``, ``_QUERY`` (bytes), ``_TOKENS`` (0
            is no bound), ``_RESPONSE_TOKENS``, ``_SPEND`` (US dollars), ``_SECONDS``,
            ``_RESULTS`` (bytes), ``_SHOWN``, ``_REQUEST_SECONDS``, ``_RETRIES``.
        tasks: ``RINGFENCE_AGENT_TASKS``: how many tasks a service has models work on at once.
        tasks_per_tenant: ``RINGFENCE_AGENT_TASKS_PER_TENANT``: the same, of one tenant.
    """

    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    bounds: Bounds = field(default_factory=Bounds)
    tasks: int = 16
    tasks_per_tenant: int = 4

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> AgentSettings:
        """The settings that variables make; one that is empty is not set.

        Raises:
            ConfigurationError: a value is not what it should be; the message names the variable.
        """
        ask = _Asking(environment)
        defaults = Bounds()
        return cls(
            model=ask.text("MODEL"),
            base_url=ask.text("BASE_URL"),
            api_key=ask.text("API_KEY"),
            price_in=ask.money("PRICE_IN"),
            price_out=ask.money("PRICE_OUT"),
            bounds=Bounds(
                turns=ask.count("TURNS", defaults.turns),
                calls=ask.count("CALLS", defaults.calls),
                query=ask.count("QUERY", defaults.query),
                tokens=ask.count("TOKENS", defaults.tokens or 0, least=0) or None,
                response_tokens=ask.count("RESPONSE_TOKENS", defaults.response_tokens),
                spend=ask.money("SPEND"),
                seconds=ask.seconds("SECONDS", defaults.seconds),
                results=ask.count("RESULTS", defaults.results),
                shown=ask.count("SHOWN", defaults.shown, least=100),
                request_seconds=ask.seconds("REQUEST_SECONDS", defaults.request_seconds),
                retries=ask.count("RETRIES", defaults.retries, least=0),
            ),
            tasks=ask.count("TASKS", cls.tasks),
            tasks_per_tenant=ask.count("TASKS_PER_TENANT", cls.tasks_per_tenant),
        )


class _Asking:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str) -> str | None:
        return self._environment.get(PREFIX + name, "").strip() or None

    def count(self, name: str, default: int, least: int = 1) -> int:
        text = self.text(name)
        if text is None:
            return default
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= 1_000_000_000:
            raise ConfigurationError(f"{PREFIX}{name}={text!r} is no whole number from {least} on")
        return number

    def seconds(self, name: str, default: float) -> float:
        text = self.text(name)
        if text is None:
            return default
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 < number <= 86_400:
            raise ConfigurationError(
                f"{PREFIX}{name}={text!r} is no number of seconds, above 0 and up to a day"
            )
        return number

    def money(self, name: str) -> Decimal | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount <= 1_000_000:
            raise ConfigurationError(f"{PREFIX}{name}={text!r} is no amount of US dollars")
        return amount
