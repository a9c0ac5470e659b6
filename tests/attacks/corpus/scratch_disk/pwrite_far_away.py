# goal: write one byte at the largest offset
# technique: scratch_disk
# needs: disk
# field: step-sparse-seek
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

import os

descriptor = os.open("file", os.O_RDWR | os.O_CREAT)
os.pwrite(descriptor, b"x", (1 << 63) - 2)
