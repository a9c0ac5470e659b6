# goal: read a file that was removed
# technique: filesystem
# needs: engine=wasi
# expect: ok (b'kept', False) alive

import os

file = open("f", "w+b")
file.write(b"kept")
file.flush()
os.unlink("f")
file.seek(0)
(file.read(), os.path.exists("f"))
