# goal: raise SystemExit without a code
# technique: signals
# expect: ok None alive

import sys

sys.exit()
