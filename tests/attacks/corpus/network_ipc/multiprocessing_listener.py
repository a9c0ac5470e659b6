# goal: listen for other processes
# technique: network_ipc
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

from multiprocessing.connection import Listener

Listener(("127.0.0.1", 0))
