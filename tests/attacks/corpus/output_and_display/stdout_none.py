# goal: lose the result by taking stdout away
# technique: output_and_display
# expect: ok 4

import sys

sys.stdout = sys.stderr = None
4
