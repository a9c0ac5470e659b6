# goal: leave no descriptor for the next turn
# technique: resource_accounting
# expect: ok [1, 'a', b'x'] alive

import os

try:
    while True:
        os.dup(0)
except OSError:
    pass
# --- next turn
print("went on")
[1, "a", b"x"]
