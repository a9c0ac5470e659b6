# goal: read the command line that the interpreter remembers
# technique: proc_and_identity
# expect: ok None

import sys

sys.orig_argv
