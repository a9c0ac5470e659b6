# goal: be taken for the sandbox's own main module
# technique: modules_and_main
# field: lang-shadowing
# expect: ok 1

import sys
import types

sys.modules["__main__"] = types.ModuleType("__main__")
sys.modules["host"] = None
1
