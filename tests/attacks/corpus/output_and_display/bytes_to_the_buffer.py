# goal: write bytes that are no text past the text layer
# technique: output_and_display
# field: host-utf8
# expect: ok None
# stdout: '\ufffd\n'

import sys

sys.stdout.buffer.write(b"\xff\n")
None
