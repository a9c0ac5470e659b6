# goal: be asked before the host may open its own file
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import fcntl

with open(TARGET["granted"] + "/public.txt") as file:
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
