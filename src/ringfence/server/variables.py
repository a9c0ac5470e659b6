"""The names of environment variables that the service knows, beside those of its settings."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic_settings import PydanticBaseSettingsSource

from ringfence.errors import ConfigurationError

__all__ = ["AGENT_VARIABLES", "ALIASES", "PREFIX", "OtherNames", "refuse_unknown"]

PREFIX = "RINGFENCE_"

ALIASES: Mapping[str, tuple[str, str]] = {
    "WASI_MEMORY_LIMIT_MB": (
        "limit_memory",
        "RINGFENCE_LIMIT_MEMORY in MiB: memory of each guest.",
    ),
    "WASI_TIMEOUT_SECONDS": (
        "default_timeout",
        "RINGFENCE_DEFAULT_TIMEOUT: at least 1 and at most 60.",
    ),
    "PYTHON_WASI_WASM_PATH": (
        "wasi_image",
        "RINGFENCE_WASI_IMAGE. Another python.wasm is refused: it has no warm interpreter.",
    ),
    "PYTHON_SANDBOX_READY": (
        "accepting",
        "RINGFENCE_ACCEPTING. true forces nothing: /ready tells what was tried and seen.",
    ),
}
"""Names that a known service gives to the same decisions; a name of ours goes before."""

AGENT_VARIABLES: Mapping[str, str] = {
    "MODEL": "The model of agent tasks: its name at `RINGFENCE_AGENT_BASE_URL`, or else "
    "`provider:name` as pydantic-ai has it, whose own variable holds the key. Without one only "
    "`Execute Python: …` is answered.",
    "BASE_URL": "An OpenAI-compatible endpoint, with its `/v1`.",
    "API_KEY": "The key for that endpoint.",
    "PRICE_IN": "US dollars for a million tokens that the model reads.",
    "PRICE_OUT": "US dollars for a million tokens that it writes.",
    "TURNS": "Requests to the model for one task.",
    "CALLS": "Tool calls of one task, refused ones included.",
    "QUERY": "Bytes of a query in words; code is not bounded by this.",
    "TOKENS": "Tokens that one task may use, in and out; 0 is no bound.",
    "RESPONSE_TOKENS": "Tokens that the model is asked to keep one response to.",
    "SPEND": "US dollars that one task may cost; needs the prices, or a model whose price "
    "pydantic-ai knows.",
    "SECONDS": "Seconds that one task may take.",
    "RESULTS": "Bytes of values, output and displays of a task's runs together.",
    "SHOWN": "Characters of each text of a run that the model is shown.",
    "REQUEST_SECONDS": "Seconds that one request to the model may take.",
    "RETRIES": "How often a request to the model that failed for a passing reason is sent again.",
    "TASKS": "Tasks that models work on at once, of all tenants; more are answered with 503.",
    "TASKS_PER_TENANT": "The same, of one tenant; more are answered with 429.",
}
"""The variables ``RINGFENCE_AGENT_NAME``, which :mod:`ringfence.agent.settings` reads."""

_OTHERS = re.compile(
    r"RINGFENCE_(WORKSHOP|TEST|REQUIRE|FUZZ|BENCH|CANARY|API|MCP)(_|$)|RINGFENCE_(URL|KEY)$"
)
"""Variables of other parts of Ringfence, which are no settings of the service."""


class OtherNames(PydanticBaseSettingsSource):
    """Values of settings under the names of :data:`ALIASES`."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Not used: all are read at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """What the environment says under those names."""
        found: dict[str, Any] = {}
        for name, (field, _) in ALIASES.items():
            text = os.environ.get(name)
            if text is not None and text.strip():
                found[field] = text.strip() + "MiB" * (name == "WASI_MEMORY_LIMIT_MB")
        return found


def refuse_unknown(fields: Collection[str]) -> None:
    """Refuse variables that look like settings and are none: a misspelt limit would do nothing.

    Args:
        fields: the settings' own names.

    Raises:
        ConfigurationError: names the first of them.
    """
    known = {PREFIX + name.upper() for name in fields}
    known |= {f"{PREFIX}AGENT_{name}" for name in AGENT_VARIABLES}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not _OTHERS.match(name):
            raise ConfigurationError(
                f"{name} is no setting of the service, and would do nothing; "
                "docs/configuration.md lists them"
            )
