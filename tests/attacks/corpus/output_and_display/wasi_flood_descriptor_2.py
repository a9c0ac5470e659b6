# goal: flood the host past the agent
# technique: output_and_display
# needs: engine=wasi
# limits: wall=0.5 output=100000
# expect: limit wall

import os

while True:
    os.write(2, b"x" * 60_000)
