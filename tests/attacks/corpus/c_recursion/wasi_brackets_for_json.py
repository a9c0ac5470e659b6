# goal: overflow the stack by a million brackets
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while decoding a JSON array from a unicode string" alive

import json

json.loads("[" * 1_000_000)
