# goal: make a semaphore by name
# technique: network_ipc
# needs: no:only:seccomp module:_multiprocessing
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive
# expect[landlock+seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import _multiprocessing

_multiprocessing.SemLock(1, 1, 1, "/left-behind", False)
