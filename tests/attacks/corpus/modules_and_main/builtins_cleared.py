# goal: break the next turn by clearing the builtins
# technique: modules_and_main
# field: lang-shadowing
# expect: crashed Exit dead

import builtins

builtins.__dict__.clear()
