# goal: learn the size of a file of the host
# technique: filesystem
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/secret\.txt'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '.*[/\\]secret\.txt'" alive
# expect[landlock+seccomp]: ok 32 alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/secret\.txt'" alive

import os

os.stat(TARGET["secret_file"]).st_size
