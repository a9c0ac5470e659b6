"""``ringfence repl``: a guest to type at."""
