# goal: overflow the stack by marshal
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error ValueError "object too deeply nested to marshal" alive

import marshal

nested = ()
for _ in range(1_000_000):
    nested = (nested,)
marshal.dumps(nested)
