# goal: set the channel so that it never blocks
# technique: resource_accounting
# needs: engine=native no:remote
# expect: crashed Exit dead

import os

os.set_blocking(3, False)
"x" * 32_000_000
