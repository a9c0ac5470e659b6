# goal: keep removed files until nothing is left
# technique: filesystem
# needs: engine=wasi
# limits: disk=1MiB
# expect: error OSError "[Errno 51] No space left on device" alive

import os

kept = []
for _ in range(1000):
    file = open("f", "wb", buffering=0)
    file.write(bytes(100_000))
    os.unlink("f")
    kept.append(file)
