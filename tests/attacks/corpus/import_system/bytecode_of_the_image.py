# goal: put code into a library that other guests import
# technique: import_system
# field: lang-module-through-module
# trap: 2
# expect[namespaces]: ok 'EROFS'
# expect[engine=wasi]: ok 'EROFS'
# expect: ok 'EPERM'

import json
import os

from attempt import attempt

path = os.path.join(os.path.dirname(json.__file__), "evil.py")
attempt(os.open, path, os.O_CREAT | os.O_WRONLY)
