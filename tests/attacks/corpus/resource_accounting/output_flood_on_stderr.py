# goal: print errors without end
# technique: resource_accounting
# field: host-flood
# expect: limit output alive

import sys

while True:
    sys.stderr.write("x" * 10_000)
