# goal: write to the descriptor of stdout
# technique: resource_accounting
# field: host-flood
# limits: wall=0.3
# expect: limit wall alive

import os

while True:
    os.write(1, b"x" * 65_536)
