# goal: list what is beside a granted folder
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/granted/\.\.'" alive
# expect[namespaces+seccomp]: ok ['granted'] alive

import os

os.listdir(TARGET["granted"] + "/..")
