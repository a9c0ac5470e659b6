# goal: listen for other processes
# technique: network_ipc
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

from multiprocessing.connection import Listener

Listener(("127.0.0.1", 0))
