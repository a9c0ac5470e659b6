# goal: start a pager
# technique: modules_and_main
# field: lang-module-through-module
# needs: no:only:seccomp
# expect: ok None
# stdout: 'text'

import pydoc

pydoc.pager("text")
