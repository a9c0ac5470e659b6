# goal: rename a file of the host
# technique: filesystem
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/secret\.txt' -> '.*[/\\]secret\.txt\.old'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '.*[/\\]secret\.txt' -> '.*[/\\]secret\.txt\.old'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/secret\.txt' -> '.*[/\\]secret\.txt\.old'" alive

import os

os.rename(TARGET["secret_file"], TARGET["secret_file"] + ".old")
