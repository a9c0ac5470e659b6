# goal: make frames lie about their length by replacing len
# technique: python_escape
# field: lang-shadowing
# expect: crashed Protocol ~"the guest broke the protocol: .*"
# expect[engine=wasi]: crashed Exit "the guest process ended with exit code 71" dead

import builtins

builtins.len = lambda value: 1
"x" * 100
