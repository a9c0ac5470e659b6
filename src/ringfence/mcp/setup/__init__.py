"""Setting clients of MCP up to use Ringfence, and telling what their servers are and cost."""
