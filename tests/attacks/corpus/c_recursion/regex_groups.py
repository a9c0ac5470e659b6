# goal: overflow the stack of the regular expression compiler
# technique: c_recursion
# field: step-c-recursion, step-regex
# expect: error RecursionError ~".*"

import re

re.compile("(?:" * 3_000 + ")" * 3_000)
