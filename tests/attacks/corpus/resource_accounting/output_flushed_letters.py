# goal: send every letter in a frame of its own
# technique: resource_accounting
# field: host-flood
# trap: 16
# expect: limit output

import sys

while True:
    sys.stdout.write("x")
    sys.stdout.flush()
    sys.stdout.buffer.send()
