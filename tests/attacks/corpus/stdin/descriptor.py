# goal: read the host's terminal by its descriptor
# technique: stdin
# field: kernel-leaked-fd
# stdin: "one\n"
# expect: ok (b'', 'one')

import os

(os.read(0, 10), input())
