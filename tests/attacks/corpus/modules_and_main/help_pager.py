# goal: start a pager
# technique: modules_and_main
# field: lang-module-through-module
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok None
# stdout: 'text'

import pydoc

pydoc.pager("text")
