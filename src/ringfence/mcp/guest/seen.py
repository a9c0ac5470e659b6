"""What this room asks of a run's tools. The broker's are such; nothing else of it is known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

__all__ = ["SeenTool", "SeenTools"]


class SeenTool(Protocol):
    """A tool as its server describes it: claims, none of them trusted."""

    @property
    def name(self) -> str:
        """``mcp__server__tool``."""

    @property
    def server(self) -> str:
        """The server's name in the configuration."""

    @property
    def tool(self) -> str:
        """The tool's name at its server."""

    @property
    def title(self) -> str:
        """For people; may be empty."""

    @property
    def description(self) -> str:
        """What it is for; may be empty."""

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """JSON Schema of the arguments."""

    @property
    def output_schema(self) -> Mapping[str, Any] | None:
        """JSON Schema of the structured content; None where the server has none."""

    @property
    def read_only(self) -> bool:
        """Whether the server claims that it changes nothing."""

    @property
    def destructive(self) -> bool:
        """Whether it may destroy something, as far as is known."""

    @property
    def python_name(self) -> str:
        """What its wrapper is called."""


class SeenTools(Protocol):
    """The tools of one run: what its guest may see and call. Every check is made behind this."""

    async def tools(self) -> Sequence[SeenTool]:
        """Those that may be called, of the servers that answer."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Call one: the result's structured content, its text, or its parts.

        Raises:
            ToolRefused: it was not called, or failed; the message is for the guest.
        """
