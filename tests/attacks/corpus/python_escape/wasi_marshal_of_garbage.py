# goal: load code that was made up
# technique: python_escape
# needs: engine=wasi
# expect: error ValueError "bad marshal data (unknown type code)" alive

import marshal

marshal.loads(b"\xe3" + b"\xff" * 1000)
