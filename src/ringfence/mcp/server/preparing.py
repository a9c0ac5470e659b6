"""What is refused before anything starts, and what then starts first.

The SDK takes longest to be imported. Whatever can be wrong is looked at before that, and the guests
begin to start meanwhile: they are other processes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.mcp.broker.configuration import (
    PROJECT_FILE,
    Configuration,
    read_configuration,
    user_configuration_file,
)
from ringfence.mcp.broker.rules import ToolRules
from ringfence.mcp.server.gate import switched_off
from ringfence.mcp.server.guests import Guests

if TYPE_CHECKING:
    from ringfence.mcp.server.settings import McpSettings

__all__ = ["Prepared", "prepared"]


@dataclass(frozen=True)
class Prepared:
    """What a server is made of.

    Attributes:
        settings: what the operator decided.
        rules: of other servers' tools.
        configuration: the servers that are lent; none where no tools are wanted, or allowed.
        off: why nothing is run whatever there is; None where that is not so.
        guests: makes sandboxes; the first of them start.
    """

    settings: McpSettings
    rules: ToolRules
    configuration: Configuration
    off: str | None
    guests: Guests


@contextlib.contextmanager
def prepared(settings: McpSettings) -> Iterator[Prepared]:
    """All of it, as long as the block lasts.

    Raises:
        ConfigurationError: a file or a pattern is wrong.
    """
    rules = ToolRules(settings.allow, settings.approved)
    configuration = Configuration()
    if settings.tools and settings.allow:
        project = Path(PROJECT_FILE) if settings.config is None else settings.config
        user = user_configuration_file() if settings.user_config is None else settings.user_config
        configuration = read_configuration(project, user)
    folder = Path() if settings.config is None else settings.config.parent
    off = switched_off(folder, enabled=settings.enabled)
    guests = Guests(settings, lending=bool(configuration.servers))
    try:
        if off is None:
            guests.pool.start()
        yield Prepared(settings, rules, configuration, off, guests)
    finally:
        guests.pool.close()
