# goal: reach a forbidden module through two allowed ones
# technique: import_system
# field: lang-module-through-module
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

import os
import queue

from attempt import attempt

attempt(queue.threading._sys.modules["os"].open, TARGET["secret_file"], os.O_RDONLY)
