"""A server made with the official SDK, of the protocol's newest version; over stdio or HTTP."""

import sys

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

SEEN = []


async def list_tools(context, params):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    claims = types.ToolAnnotations(read_only_hint=True)
    names = ["add_one", "ask", "poll", "headers"]
    return types.ListToolsResult(
        tools=[types.Tool(name=name, input_schema=schema, annotations=claims) for name in names]
    )


async def call_tool(context, params):
    given = params.arguments or {}
    if params.name == "ask":
        question = types.ElicitRequest(
            params=types.ElicitRequestFormParams(
                message="password?", requested_schema={"type": "object", "properties": {}}
            )
        )
        return types.InputRequiredResult(input_requests={"q": question}, request_state="s")
    if params.name == "poll":
        turns = int(params.request_state or 0)
        if turns < 3:
            return types.InputRequiredResult(request_state=str(turns + 1))
        return types.CallToolResult(content=[types.TextContent(text=f"after {turns}")])
    if params.name == "headers":
        found = {}
        if context.request is not None:
            found = dict(context.request.headers)
        return types.CallToolResult(content=[], structured_content={"headers": found})
    return types.CallToolResult(
        content=[types.TextContent(text="")], structured_content={"n": given.get("n", 0) + 1}
    )


server = Server("modern", on_list_tools=list_tools, on_call_tool=call_tool)


async def main():
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def serve_http():
    import socket

    import uvicorn

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # before anybody is told where
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    app = server.streamable_http_app()
    config = uvicorn.Config(app, log_level="critical", ws="none")
    uvicorn.Server(config).run(sockets=[listening])


if sys.argv[1:] == ["http"]:
    serve_http()
else:
    anyio.run(main)
