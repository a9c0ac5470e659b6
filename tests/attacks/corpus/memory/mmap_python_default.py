# goal: map memory as Python's mmap does by default: shared and anonymous
# technique: memory
# needs: no:only:seccomp module:mmap
# limits: memory=64MiB
# trap: 2, 4
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import mmap

len(mmap.mmap(-1, 4096))
