# goal: have more disk than memory
# technique: filesystem
# needs: engine=wasi
# limits: disk=30MiB memory=32MiB
# expect: error OSError "[Errno 51] No space left on device" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
while True:
    os.write(file, bytes(1 << 20))
