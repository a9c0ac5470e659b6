"""The MCP server: runs Python for agents, over stdio or streamable HTTP."""
