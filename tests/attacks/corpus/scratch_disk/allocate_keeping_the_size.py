# goal: reserve space beyond the end of files, which their sizes do not show
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: ok 'ENOSPC' alive

import os

from kernel import call

for number in range(8):
    descriptor = os.open(f"file-{number}", os.O_RDWR | os.O_CREAT)
    answer = call("fallocate", descriptor, 1, 0, 1 << 20)
answer
