# goal: read the host's terminal from descriptor 0
# technique: output_and_display
# field: kernel-leaked-fd
# expect: ok b''

import os

os.read(0, 100)
