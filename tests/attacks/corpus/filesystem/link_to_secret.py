# goal: give a file of the host a name in the scratch folder
# technique: filesystem
# field: kernel-links
# expect: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/secret\.txt' -> 'mine'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '.*[/\\]secret\.txt' -> 'mine'" alive

import os

os.link(TARGET["secret_file"], "mine")
