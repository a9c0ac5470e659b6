# goal: raise the exception that the host's interrupt raises
# technique: signals
# expect: ok None

raise KeyboardInterrupt("forged")
