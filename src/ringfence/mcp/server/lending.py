"""What runs are lent beside their sandbox: the broker, and a model to ask."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import mcp_types as types

from ringfence.mcp.broker.configuration import read_configuration, user_configuration_file
from ringfence.mcp.broker.rules import ToolRules

if TYPE_CHECKING:
    from ringfence.mcp.broker.broker import Broker
    from ringfence.mcp.broker.calls import RunIdentity
    from ringfence.mcp.recording import Recorder
    from ringfence.mcp.sampling import BoundedSampler
    from ringfence.mcp.server.asking import Conversation
    from ringfence.mcp.server.settings import McpSettings

__all__ = ["broker_of", "sampler_of"]

_PROJECT = ".mcp.json"


def broker_of(settings: McpSettings, recorder: Recorder) -> tuple[Broker | None, tuple[str, ...]]:
    """The broker of the servers that are configured, and what was left out of the configuration.

    None where no tools are wanted, or nothing is allowed.

    Raises:
        ConfigurationError: a file or a pattern is wrong.
    """
    rules = ToolRules(settings.allow, settings.approved)
    if not settings.tools or not settings.allow:
        return None, ()
    project = Path(_PROJECT) if settings.config is None else settings.config
    user = user_configuration_file() if settings.user_config is None else settings.user_config
    found = read_configuration(project, user)
    if not found.servers:
        return None, found.warnings
    from ringfence.mcp.broker.broker import Broker

    return Broker(found.servers, rules, approve=None, recorder=recorder), found.warnings


def sampler_of(
    settings: McpSettings,
    conversation: Conversation,
    run: RunIdentity,
    recorder: Recorder,
    broker: Broker | None,
) -> BoundedSampler | None:
    """The model that one run may ask; None where sampling is off."""
    if settings.sampling == "off":
        return None
    from ringfence.mcp.sampling import BoundedSampler, ClientSampler, ModelSampler, Sampler

    sampler: Sampler
    if settings.sampling == "client":

        async def create(request: types.CreateMessageRequest) -> types.CreateMessageResult:
            reply = await conversation.ask(request)
            assert isinstance(reply, types.CreateMessageResult)
            return reply

        sampler = ClientSampler(create)
    else:
        from ringfence.agent.settings import AgentSettings

        sampler = ModelSampler(AgentSettings.from_environment(os.environ))

    def note(details: dict[str, object]) -> None:
        recorder.note("mcp.sampling", run.client, {**details, "run_id": run.run_id})

    if broker is None:
        return BoundedSampler(sampler, note=note)
    return BoundedSampler(sampler, secrets=broker.secrets, note=note)
