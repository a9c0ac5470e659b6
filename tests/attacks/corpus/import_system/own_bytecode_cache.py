# goal: leave a module that another guest imports instead of the real one
# technique: import_system
# field: lang-module-through-module
# needs: disk
# twice: equal
# expect: ok (1, ['evil.py'])

import os
import sys

open("evil.py", "w").write("x = 1")
sys.path.insert(0, os.getcwd())
import evil

(evil.x, sorted(name for name in os.listdir() if name.endswith(".py")))
