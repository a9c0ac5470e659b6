# goal: read the command line that the interpreter remembers
# technique: proc_and_identity
# expect: ok [] alive

import sys

[argument for argument in sys.orig_argv[1:] if "/" in argument or "zygote" in argument]
