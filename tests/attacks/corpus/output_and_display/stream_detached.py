# goal: lose the output by detaching the stream under it
# technique: output_and_display
# expect: ok 6

import sys

sys.stdout.detach()
6
