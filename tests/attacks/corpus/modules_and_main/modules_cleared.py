# goal: break the sandbox by emptying the table of modules
# technique: modules_and_main
# field: lang-shadowing
# expect: ok 3

import sys

sys.modules.clear()
3
