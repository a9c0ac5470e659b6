"""A person's approval of a destructive tool, asked for by MCP elicitation."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mcp_types as types

from ringfence.mcp.server.asking import NotAsked

if TYPE_CHECKING:
    from ringfence.mcp.broker.calls import ApprovalRequest, Approve
    from ringfence.mcp.recording import Recorder
    from ringfence.mcp.server.asking import Conversation

__all__ = ["approving", "question_of"]

_LONGEST_VALUE = 300
_LONGEST = 2_000
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "allow": {
            "type": "boolean",
            "title": "Allow this call",
            "description": "It may change or delete something.",
            "default": False,
        }
    },
    "required": ["allow"],
}


def approving(conversation: Conversation, recorder: Recorder) -> Approve:
    """Who asks the client of a run. Whatever is no clear yes is a no.

    Args:
        conversation: the run's.
        recorder: is told what was answered.
    """

    async def approve(request: ApprovalRequest) -> bool:
        try:
            reply = await conversation.ask(question_of(request))
        except NotAsked as error:
            outcome = f"not asked: {error}"
            allowed = False
        else:
            content = reply.content if isinstance(reply, types.ElicitResult) else None
            allowed = (
                isinstance(reply, types.ElicitResult)
                and reply.action == "accept"
                and content is not None
                and content.get("allow") is True
            )
            outcome = "allowed" if allowed else "refused"
        run = request.run
        details = {"tool": request.tool.name, "outcome": outcome, "run_id": run.run_id}
        recorder.note("mcp.approval", run.client, details)
        return allowed

    return approve


def question_of(request: ApprovalRequest) -> types.ElicitRequest:
    """What the person is shown: the tool, and what the guest would give it, as data."""
    shown = [
        f"  {_plain(name, 100)} = {_value(value)}" for name, value in request.arguments.items()
    ]
    lines = "\n".join(shown) or "  (no arguments)"
    if len(lines) > _LONGEST:
        lines = f"{lines[:_LONGEST]}… (cut)"
    message = (
        f"Code that runs in the sandbox wants to call {_plain(request.tool.name, 200)}, which may "
        f"change or delete something. Its arguments:\n{lines}"
    )
    parameters = types.ElicitRequestFormParams(message=message, requested_schema=dict(_SCHEMA))
    return types.ElicitRequest(params=parameters)


def _value(value: Any) -> str:
    return _plain(json.dumps(value, ensure_ascii=False, default=repr), _LONGEST_VALUE)


def _plain(text: str, most: int) -> str:
    """A text without what a terminal or a page would act on, or that turns its direction."""
    cut = text[:most] + ("…" if len(text) > most else "")
    return "".join(
        one if one == " " or unicodedata.category(one)[0] not in "CZ" else f"\\u{ord(one):04x}"
        for one in cut
    )
