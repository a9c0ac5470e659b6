# goal: search for ever
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# expect: limit wall

import itertools

text = "ab" * 1_000_000
all(text.find("ab" * 1000 + "b") for _ in itertools.count()) or [text.count("b" * n) for n in itertools.count(1)]
