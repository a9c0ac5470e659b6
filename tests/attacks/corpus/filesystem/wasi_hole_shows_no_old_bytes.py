# goal: read what others left in memory through a hole
# technique: filesystem
# needs: engine=wasi
# limits: disk=8MiB
# expect: ok {0} alive

import os

junk = [b"secret" * 100_000 for _ in range(5)]
del junk
file = os.open("f", os.O_CREAT | os.O_RDWR)
os.pwrite(file, b"\0", 4_000_000)
set(os.pread(file, 4_000_000, 0))
