# goal: print the process's environment through a format string alone
# technique: format_strings
# field: lang-format
# expect: ok False

import os

"CANARY" in "{0.environ} {0.environb}".format(os)
