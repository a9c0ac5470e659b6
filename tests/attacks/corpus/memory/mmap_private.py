# goal: map a gibibyte
# technique: memory
# needs: no:only:seccomp module:mmap
# limits: memory=64MiB
# trap: 4
# expect: error OSError '[Errno 12] Cannot allocate memory' alive

import mmap

mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
"mapped"
