# tries: hang in a single call of C code: a regular expression that backtracks for years
# stands: cpu
# expect: limit cpu
# limits: cpu=0.3
import re

re.match(r"(a+)+$", "a" * 60 + "b")
