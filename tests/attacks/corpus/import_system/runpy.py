# goal: run a file of the host as a program
# technique: import_system
# field: lang-module-through-module
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'

import runpy

from attempt import attempt

attempt(runpy.run_path, TARGET["secret_file"])
