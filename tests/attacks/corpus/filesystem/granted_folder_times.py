# goal: change the times of a file that was granted for reading
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error OSError '[Errno 30] Read-only file system' alive
# expect[landlock+seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.utime(TARGET["granted"] + "/public.txt", (0, 0))
