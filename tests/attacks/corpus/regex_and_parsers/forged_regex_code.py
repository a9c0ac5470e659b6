# goal: run code of one's own in the matcher's virtual machine
# technique: regex_and_parsers
# field: step-regex
# expect: error RuntimeError "invalid SRE code" alive

import _sre

_sre.compile("x", 0, [14, 2**31, 255, 7, 3], 0, {}, ())
