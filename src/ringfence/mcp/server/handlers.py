"""What each request of a client is answered with."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from ringfence.mcp.server import arguments
from ringfence.mcp.server.arguments import Wrong
from ringfence.mcp.server.content import answer_of, data_answer, refusal
from ringfence.mcp.server.parked import Parked
from ringfence.mcp.server.progress import report_through
from ringfence.mcp.server.prompts import PROMPTS, prompt_of
from ringfence.mcp.server.running import NotRun
from ringfence.mcp.server.tools import instructions_of, tools_of

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from ringfence.mcp.server.application import Parts
    from ringfence.mcp.server.running import Run

__all__ = ["server_of"]

ClientOf = Callable[["ServerRequestContext"], str]
_CALLS_BESIDE = 24
"""Calls of a client's at once, beyond those that run or wait for a place: runs that wait for their
session, searches, and whatever ends at once.
"""
Answer = types.CallToolResult | types.InputRequiredResult


def server_of(parts: Parts, client_of: ClientOf) -> Server[Any]:
    """A server of the SDK's that answers with these parts.

    Args:
        parts: opened.
        client_of: whose a request is.
    """
    handlers = _Handlers(parts, client_of)
    return Server(
        "ringfence",
        title="Ringfence",
        version=parts.version,
        instructions=instructions_of(lending=parts.guests.lending),
        get_tool_input_schema=lambda name: None,  # no argument is repeated in a header
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
    )


class _Handlers:
    def __init__(self, parts: Parts, client_of: ClientOf) -> None:
        self._parts = parts
        self._client = client_of
        self._parked = Parked(parts.settings.approval_seconds)
        self._under_way: Counter[str] = Counter()

    # --- tools -------------------------------------------------------------------------------

    async def list_tools(
        self, ctx: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        closed = await self._parts.gate.closed()
        return types.ListToolsResult(
            tools=tools_of(self._parts.settings, closed, lending=self._parts.guests.lending)
        )

    async def call_tool(
        self, ctx: ServerRequestContext, params: types.CallToolRequestParams
    ) -> Answer:
        client = self._client(ctx)
        settings = self._parts.settings
        if self._under_way[client] >= settings.running + settings.queue + _CALLS_BESIDE:
            return refusal(
                f"Nothing was done: {self._under_way[client]} calls of yours are under way. Wait "
                "for one of them."
            )
        self._under_way[client] += 1
        try:
            return await self._call_tool(ctx, client, params)
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]

    async def _call_tool(
        self, ctx: ServerRequestContext, client: str, params: types.CallToolRequestParams
    ) -> Answer:
        try:
            if params.name == "run_python":
                return await self._run_python(ctx, client, params)
            if params.name == "list_sessions":
                arguments.read_nothing(params.arguments)
                return await self._with_gate(self._list_sessions(client))
            if params.name == "close_session":
                return await self._close_session(client, params.arguments)
            if params.name == "search_tools" and self._parts.guests.lending:
                return await self._search_tools(client, params.arguments)
        except Wrong as wrong:
            details = {"tool": params.name, "fields": [one.field for one in wrong.faults]}
            self._parts.recorder.note("mcp.denied", client, details)
            told = "\n".join(map(str, wrong.faults))
            text = f"Nothing was done: the arguments are wrong.\n{told}"
            closed = await self._parts.gate.closed()
            return refusal(text if closed is None else f"{closed}\n{text}", wrong.faults)
        raise MCPError(code=types.INVALID_PARAMS, message="there is no such tool")

    async def _run_python(
        self, ctx: ServerRequestContext, client: str, params: types.CallToolRequestParams
    ) -> Answer:
        parts = self._parts
        settings = parts.settings
        if params.request_state is not None:
            run = self._parked.take(client, params.request_state, params.arguments)
            if run is None:
                return refusal("This run is over, or is none of yours: call again without state.")
            run.conversation.attend(ctx)
            run.telling.attend(report_through(ctx))
            run.conversation.answer(params.input_responses)
            return await self._attended(run, params)
        wanted = arguments.read_run(
            params.arguments,
            engines=settings.engines,
            packages=settings.packages,
            most_timeout=settings.most_timeout,
        )
        closed = await parts.gate.closed()
        if closed is not None:
            parts.recorder.note("mcp.denied", client, {"tool": "run_python", "why": "gate"})
            return refusal(closed)
        run = parts.running.begin(client, wanted)
        run.conversation.attend(ctx)
        run.telling.attend(report_through(ctx))
        return await self._attended(run, params)

    async def _attended(self, run: Run, params: types.CallToolRequestParams) -> Answer:
        """Wait for a run, or for a question of it that goes out with the answer to this request."""
        questions: types.InputRequests = {}
        while not run.task.done() and not questions:
            asked = asyncio.create_task(run.conversation.wanted.wait())
            try:
                await asyncio.wait([run.task, asked], return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:  # the client gave up, or is gone: so does its guest
                with anyio.CancelScope(shield=True):
                    await run.end()
                raise
            finally:
                asked.cancel()
            # None is left where nobody waits for its answer any more.
            questions = {**run.conversation.questions()}
        run.telling.attend(None)
        if not run.task.done():
            token = self._parked.put(run, params.arguments)
            return types.InputRequiredResult(input_requests=questions, request_state=token)
        try:
            result = run.task.result()
        except asyncio.CancelledError:
            return refusal("The run was ended.")
        except NotRun as error:
            return refusal(str(error), retry_after=error.retry_after)
        return answer_of(
            result,
            run_id=run.id,
            session_id=run.arguments.session_id,
            notices=run.notices,
            shown=self._parts.settings.shown,
        )

    def _list_sessions(self, client: str) -> types.CallToolResult:
        sessions = self._parts.sessions
        told = [
            {
                "session_id": one.id,
                "runs": one.runs,
                "busy": one.busy,
                "idle_seconds": round(sessions.idle(one), 1),
                "packages": list(one.packages),
            }
            for one in sessions.of(client)
        ]
        return data_answer({"sessions": told})

    async def _close_session(self, client: str, given: Any) -> types.CallToolResult:
        session_id = arguments.read_session(given)
        if not await self._parts.sessions.end(client, session_id):
            return await self._with_gate(refusal(f"There is no session {session_id}."))
        self._parts.recorder.note("mcp.session.closed", client, {"session": session_id})
        return await self._with_gate(data_answer({"closed": session_id}))

    async def _search_tools(self, client: str, given: Any) -> types.CallToolResult:
        from ringfence.mcp.broker.calls import RunIdentity

        wanted = arguments.read_search(given)
        broker = self._parts.broker
        assert broker is not None
        view = broker.view(RunIdentity(client, None, "search"))
        found = await view.search(wanted.query, wanted.limit)
        told = [
            {
                "name": one.tool.name,
                "description": one.tool.description,
                "input_schema": dict(one.tool.input_schema),
                "needs_approval": broker.rules.needs_approval(one.tool),
            }
            for one in found
        ]
        data: dict[str, Any] = {"tools": told}
        if broker.problems:
            data["problems"] = dict(broker.problems)
        return await self._with_gate(data_answer(data))

    async def _with_gate(self, answer: types.CallToolResult) -> types.CallToolResult:
        """An answer that says first that nothing is run, where nothing is."""
        closed = await self._parts.gate.closed()
        if closed is not None:
            answer.content.insert(0, types.TextContent(text=closed))
        return answer

    # --- resources and prompts ---------------------------------------------------------------

    async def list_resources(
        self, ctx: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        cursor = None if params is None else params.cursor
        return await self._parts.files.listed(self._client(ctx), cursor)

    async def list_templates(
        self, ctx: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return self._parts.files.templates()

    async def read_resource(
        self, ctx: ServerRequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return await self._parts.files.read(self._client(ctx), params.uri)

    async def list_prompts(
        self, ctx: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=list(PROMPTS))

    async def get_prompt(
        self, ctx: ServerRequestContext, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        parts = self._parts
        return prompt_of(
            params.name, params.arguments, parts.settings, lending=parts.guests.lending
        )
