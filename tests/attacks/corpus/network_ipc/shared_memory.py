# goal: share memory by name
# technique: network_ipc
# needs: no:only:seccomp module:mmap
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/left-behind'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/left-behind'" alive

from multiprocessing import shared_memory

shared_memory.SharedMemory("left-behind", create=True, size=4096)
