# goal: leave filters of warnings for the next guest
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok [] alive

import warnings

found = [entry for entry in warnings.filters if entry[1] and entry[1].pattern == "left behind"]
warnings.filterwarnings("error", "left behind")
found
