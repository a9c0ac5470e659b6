# goal: read paths of the host in the traceback of its exception
# technique: host_functions
# trap: 9
# functions: fail
# expect: ok False

import traceback

try:
    fail("x")
except HostFunctionError:
    text = traceback.format_exc()
"postgresql" in text or "RuntimeError" in text or "host_functions.py" in text
