# goal: make folders a thousand deep
# technique: scratch_disk
# needs: disk
# field: step-deep-folders
# expect: error OSError "[Errno 28] No space left on device: 'd'" alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device: 'd'" alive

import os

depth = 0
try:
    while depth < 10_000:
        os.mkdir("d")
        os.chdir("d")
        depth += 1
finally:
    print(depth)
