"""From end to end, as a user runs it."""
