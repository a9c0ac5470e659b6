# goal: have the host make random bytes without end
# technique: memory
# needs: engine=wasi
# limits: wall=0.5
# expect: limit wall

import os

while True:
    os.urandom(10_000_000)
