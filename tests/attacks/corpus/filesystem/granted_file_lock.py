# goal: lock a granted file, so that the host waits
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import fcntl

with open(TARGET["granted"] + "/public.txt") as file:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
