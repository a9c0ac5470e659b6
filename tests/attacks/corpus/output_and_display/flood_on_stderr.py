# goal: pass the limit on output by writing half to stderr
# technique: output_and_display
# field: host-flood
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536"

import sys

for _ in range(100):
    sys.stdout.write("x" * 1_000)
    sys.stderr.write("x" * 1_000)
