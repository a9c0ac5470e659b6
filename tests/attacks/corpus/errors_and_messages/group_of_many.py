# goal: make the traceback of a group very long
# technique: errors_and_messages
# expect: error ExceptionGroup "g (20000 sub-exceptions)" alive

raise ExceptionGroup("g", [ValueError("x")] * 20_000)
