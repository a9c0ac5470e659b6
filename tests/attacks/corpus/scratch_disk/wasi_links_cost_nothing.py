# goal: have links that are counted by nobody
# technique: scratch_disk
# needs: engine=wasi
# limits: files=10
# expect: error OSError ~r"\[Errno 51\] No space left on device: 'x+' -> 'l10'" alive

import os

for number in range(100):
    os.symlink("x" * 1000, f"l{number}")
