# goal: get a fresh os, in case the one at hand was patched
# technique: import_system
# field: lang-module-through-module
# expect: ok 'EPERM'
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'fork'"

import importlib
import os
import sys

from attempt import attempt

del sys.modules["os"]
fresh = importlib.import_module("os")
attempt(importlib.reload(fresh).fork)
