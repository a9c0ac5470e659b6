# goal: make a semaphore by name
# technique: network_ipc
# needs: no:only:seccomp
# expect: ok None

import _multiprocessing

_multiprocessing.SemLock(1, 1, 1, "/left-behind", False)
