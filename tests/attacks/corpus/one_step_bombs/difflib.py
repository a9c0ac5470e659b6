# goal: compare texts in cubic time
# technique: one_step_bombs
# field: step-sum-range
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import difflib

difflib.SequenceMatcher(None, "ab" * 5_000, "ba" * 5_000, autojunk=False).ratio()
