"""``ringfence mcp``: the MCP server, its tools' broker, and what sets both up."""
