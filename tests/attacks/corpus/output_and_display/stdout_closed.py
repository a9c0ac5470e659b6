# goal: lose the result by closing stdout
# technique: output_and_display
# expect: ok 3

import sys

sys.stdout.close()
3
