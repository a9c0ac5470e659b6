# goal: find descriptors that the host or the image left open
# technique: proc_and_identity
# needs: engine=wasi
# field: kernel-leaked-fd
# expect: ok [0, 1, 2, 3] alive

import os

found = []
for descriptor in range(4096):
    try:
        os.fstat(descriptor)
    except OSError:
        continue
    found.append(descriptor)
found
