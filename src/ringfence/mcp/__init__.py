"""The MCP server that runs Python for agents, and the broker that lends other servers' tools."""
