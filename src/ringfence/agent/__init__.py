"""Agent tasks: what was asked for in words or code becomes runs of guests, and an answer."""
