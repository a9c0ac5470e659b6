# goal: print more in one call than the limit allows
# technique: output_and_display
# field: host-flood
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536"

import sys

sys.stdout.write("x" * 10_000_000)
