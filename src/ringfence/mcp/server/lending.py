"""The model that a run may ask."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import mcp_types as types

if TYPE_CHECKING:
    from ringfence.mcp.broker.broker import Broker
    from ringfence.mcp.broker.calls import RunIdentity
    from ringfence.mcp.recording import Recorder
    from ringfence.mcp.sampling import BoundedSampler
    from ringfence.mcp.server.asking import Conversation
    from ringfence.mcp.server.settings import McpSettings

__all__ = ["sampler_of"]


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
