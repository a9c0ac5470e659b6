# goal: put another file in the place of a module
# technique: filesystem
# expect: error OSError ~r"\[Errno 18\] Invalid cross-device link: 'planted\.py' -> '/.*/os\.py'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: 'planted.py' -> '/lib/python3.13/os.py'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: 'planted.py'" alive

import os

open("planted.py", "w").write("print('planted')")
os.replace("planted.py", os.__file__)
