# goal: listen for other processes
# technique: network_ipc
# needs: no:only:seccomp
# expect: ok None

from multiprocessing.connection import Listener

Listener(("127.0.0.1", 0))
