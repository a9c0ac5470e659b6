# goal: lead the scratch folder to a file of the host
# technique: filesystem
# field: kernel-links
# expect: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/secret\.txt' -> 'mine'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: 'mine'" alive

import os

os.symlink(TARGET["secret_file"], "mine")
open("mine").read()
