# goal: make the sandbox encode one type as another by replacing type
# technique: python_escape
# field: lang-shadowing
# expect: error TypeError "'<=' not supported between instances of 'int' and 'dict'"

import builtins

real = type
builtins.type = lambda value, *rest: int if real(value) is dict else real(value)
{"a": 1}
