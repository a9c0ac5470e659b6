# goal: overflow the stack by loading nested tuples
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error ValueError "recursion limit exceeded" alive

import marshal

marshal.loads(b")\x01" * 1_000_000 + b"N")
