"""From start to end, and every way in which either can fail."""
