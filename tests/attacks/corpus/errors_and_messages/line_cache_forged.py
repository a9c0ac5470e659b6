# goal: put other lines into the traceback than the code that ran
# technique: errors_and_messages
# expect: error ZeroDivisionError "division by zero" alive

import linecache

linecache.cache["<cell 1>"] = (10**9, None, ["x" * 100_000 + "\n"] * 100, "<cell 1>")
1 / 0
