# goal: get bytes back twice, by cutting and removing
# technique: scratch_disk
# needs: engine=wasi
# limits: disk=1MiB
# expect: error OSError "[Errno 51] No space left on device" alive

import os

for _ in range(50):
    with open("f", "wb") as file:
        file.write(bytes(1 << 19))
        file.truncate(0)
    os.unlink("f")
with open("big", "wb", buffering=0) as file:
    for _ in range(5):
        file.write(bytes(1 << 19))
