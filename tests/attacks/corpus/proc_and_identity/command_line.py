# goal: read the command line that the zygote was started with
# technique: proc_and_identity
# expect: ok [] alive

import sys

[argument for argument in sys.argv if "/" in argument]
