# goal: backtrack for ever in one step of a program
# technique: cpu_time
# needs: limit:fuel
# field: step-regex
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

import re

re.match(r"(a+)+$", "a" * 40 + "b")
