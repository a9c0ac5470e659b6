# goal: rename the folder of the standard library
# technique: filesystem
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*' -> '/.*\.old'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/lib/python3.13' -> '/lib/python3.13.old'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*' -> '/.*\.old'" alive

import os

folder = os.path.dirname(os.__file__)
os.rename(folder, folder + ".old")
