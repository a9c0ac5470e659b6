# goal: undo a wall with the library that built it, which is still loaded
# technique: python_escape
# field: lang-module-through-module
# needs: engine=native
# expect: crashed SIGSYS

import sys

sys.modules["ringfence.jail.libc"].unshare(0x10000000)
