# goal: install a package
# technique: import_system
# field: lang-module-through-module
# expect: ok 'EPERM'

import subprocess
import sys

from attempt import attempt

attempt(subprocess.run, [sys.executable, "-m", "pip", "--version"])
