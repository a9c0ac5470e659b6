# goal: have a limit reported that was not reached
# technique: errors_and_messages
# expect: limit memory ~".*"

raise MemoryError("mine")
