# goal: keep the sandbox from running the next turn with an audit hook that cannot be removed
# technique: python_escape
# field: lang-audit-hooks
# expect: error RuntimeError "compile is off"

import sys


def hook(event, arguments):
    if event == "compile":
        raise RuntimeError("compile is off")


sys.addaudithook(hook)
# --- next turn
x = 1
x
