# goal: open a descriptor again, for writing, through /proc or /dev
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/dev/fd/4'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/dev/fd/4'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/dev/fd/4'" alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

descriptor = os.open(os.__file__, os.O_RDONLY)
open(f"/dev/fd/{descriptor}", "r+b").write(b"x")
