# goal: overflow the engine of regular expressions
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

import re

re.compile("(" * 50_000 + ")" * 50_000)
