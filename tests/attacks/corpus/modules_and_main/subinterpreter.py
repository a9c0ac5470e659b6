# goal: run in another interpreter of the process, without the sandbox's hooks
# technique: modules_and_main
# field: lang-module-through-module
# needs: python<3.13 namespaces
# expect: ok None

import _xxsubinterpreters

number = _xxsubinterpreters.create()
_xxsubinterpreters.run_string(number, "import os\ntry:\n    os.fork()\nexcept (OSError, RuntimeError):\n    pass\nelse:\n    os.abort()")
