# goal: share memory by name
# technique: network_ipc
# needs: no:only:seccomp
# expect: ok None

from multiprocessing import shared_memory

shared_memory.SharedMemory("left-behind", create=True, size=4096)
