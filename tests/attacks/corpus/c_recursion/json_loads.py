# goal: overflow the C stack in the JSON decoder
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

import json

json.loads("[" * 100_000)
