# goal: make a file of a pebibyte that takes no space
# technique: scratch_disk
# needs: disk
# field: step-huge-file
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

import os

with open("file", "wb") as file:
    os.truncate(file.fileno(), 1 << 50)
