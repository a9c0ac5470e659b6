"""The MCP server, by the SDK's own client and by hand."""
