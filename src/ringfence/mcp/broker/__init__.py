"""The broker: starts the MCP servers that were configured, and calls their tools for guests.

Every byte of a server is as hostile as a guest's, and every check is made here, on the host: which
tool may be called, by whom, with what, how often, and what comes back.
"""

from ringfence.errors import FieldProblem, ToolRefused

__all__ = ["FieldProblem", "ToolRefused"]
