# goal: make the sandbox encode one type as another by replacing type
# technique: python_escape
# field: lang-shadowing
# expect: error Exception "(cannot be described)"

import builtins

real = type
builtins.type = lambda value, *rest: int if real(value) is dict else real(value)
{"a": 1}
