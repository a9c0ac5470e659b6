# goal: print on both streams, so that each has half
# technique: resource_accounting
# limits: output=64KiB
# field: host-flood
# expect: limit output alive

import sys

while True:
    sys.stdout.write("x" * 1_000)
    sys.stderr.write("x" * 1_000)
