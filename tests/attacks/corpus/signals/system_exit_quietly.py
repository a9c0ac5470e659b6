# goal: raise SystemExit without a code
# technique: signals
# expect: ok None

import sys

sys.exit()
