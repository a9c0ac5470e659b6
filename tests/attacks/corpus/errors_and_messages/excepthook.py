# goal: run code when the sandbox reports an error
# technique: errors_and_messages
# field: lang-audit-hooks
# expect: error ZeroDivisionError "division by zero" alive

import os
import sys

sys.excepthook = lambda *parts: os._exit(9)
1 / 0
