# goal: compare texts in cubic time
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall

import difflib

difflib.SequenceMatcher(None, "ab" * 5_000, "ba" * 5_000, autojunk=False).ratio()
