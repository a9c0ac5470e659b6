# goal: raise the exception that the host's interrupt raises
# technique: signals
# expect: error KeyboardInterrupt 'forged' alive

raise KeyboardInterrupt("forged")
