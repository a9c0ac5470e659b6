# goal: keep files that have no name any more
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 28] No space left on device' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

import os

kept = []
for number in range(16):
    file = open(f"file-{number}", "wb")
    kept.append(file)
    os.unlink(file.name)
    file.write(bytes(1 << 20))
    file.flush()
