# goal: break the sandbox by replacing the import function
# technique: modules_and_main
# field: lang-shadowing
# expect: error ZeroDivisionError "division by zero" alive

import builtins

builtins.__import__ = None
1 / 0
