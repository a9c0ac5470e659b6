# goal: overflow the stack by unpickling, then freeing
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: ok None alive

import pickle

pickle.loads(b"(" + b"(" * 100_000 + b"t" * 100_000 + b"t.")
None
