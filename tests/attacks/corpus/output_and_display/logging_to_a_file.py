# goal: write to the host's log through logging
# technique: output_and_display
# field: lang-module-through-module
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

import logging

from attempt import attempt

attempt(logging.FileHandler, TARGET["secret_file"])
