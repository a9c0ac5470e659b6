# goal: run code when the value of a cell is taken
# technique: modules_and_main
# field: lang-audit-hooks
# expect: ok 4

import os
import sys

sys.displayhook = lambda value: os._exit(1)
4
