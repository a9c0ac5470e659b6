# goal: overflow the stack by proxies
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: crashed Trap dead

import types

view = {}
for _ in range(1_000_000):
    view = types.MappingProxyType(view)
len(view)
