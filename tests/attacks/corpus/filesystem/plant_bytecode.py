# goal: plant bytecode that is imported in place of a module
# technique: filesystem
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*/__pycache__/os\..*\.pyc'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/lib/python3.13/__pycache__/os.cpython-313.pyc'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/__pycache__/os\..*\.pyc'" alive

import importlib.util
import os

cache = importlib.util.cache_from_source(os.__file__)
open(cache, "wb").write(b"x")
