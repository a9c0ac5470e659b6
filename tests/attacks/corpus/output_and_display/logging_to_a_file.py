# goal: write to the host's log through logging
# technique: output_and_display
# field: lang-module-through-module
# expect[namespaces]: ok 'ENOENT'
# expect[engine=wasi]: ok 'ENOENT'
# expect: ok 'EPERM'

import logging

from attempt import attempt

attempt(logging.FileHandler, TARGET["secret_file"])
