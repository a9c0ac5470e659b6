# goal: append to a file from many descriptors
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

import os

descriptors = [os.open("file", os.O_WRONLY | os.O_CREAT | os.O_APPEND) for _ in range(8)]
for descriptor in descriptors:
    os.write(descriptor, bytes(1 << 20))
