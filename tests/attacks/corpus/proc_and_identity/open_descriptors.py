# goal: find descriptors that the zygote or the host left open
# technique: proc_and_identity
# field: kernel-leaked-fd
# expect: ok None

import os

found = []
for descriptor in range(1 << 16):
    try:
        os.dup2(descriptor, descriptor, inheritable=False)
    except OSError:
        continue
    found.append(descriptor)
found
