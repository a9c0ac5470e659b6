# goal: read the command line that the zygote was started with
# technique: proc_and_identity
# expect: ok None

import sys

sys.argv
