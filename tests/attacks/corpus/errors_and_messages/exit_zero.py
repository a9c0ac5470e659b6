# goal: end the sandbox by sys.exit
# technique: errors_and_messages
# expect: ok None alive

import sys

sys.exit(0)
