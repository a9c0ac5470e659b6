# goal: write to the descriptors 1 and 2 of the process, past the sandbox
# technique: output_and_display
# field: kernel-leaked-fd
# expect: ok (3, 3)
# stdout: ''

import os

(os.write(1, b"abc"), os.write(2, b"abc"))
