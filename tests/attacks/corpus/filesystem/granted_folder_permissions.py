# goal: change the permissions of a file that was granted for reading
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*/granted/public\.txt'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/granted/public\.txt'" alive

import os

os.chmod(TARGET["granted"] + "/public.txt", 0)
