# goal: flood the host from C code
# technique: output_and_display
# needs: engine=wasi
# limits: output=100000
# field: host-flood
# expect: limit output

import sys

sys.stdout.writelines(iter(lambda: "x" * 10_000, None))
