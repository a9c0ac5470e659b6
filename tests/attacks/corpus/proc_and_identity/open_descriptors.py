# goal: find descriptors that the zygote or the host left open
# technique: proc_and_identity
# field: kernel-leaked-fd
# needs: engine=native
# expect: ok [0, 1, 2, 3] alive

import os

found = []
for descriptor in range(4096):
    try:
        os.get_inheritable(descriptor)
    except OSError:
        continue
    found.append(descriptor)
found
