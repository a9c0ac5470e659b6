# goal: load machine code through sqlite
# technique: memory
# needs: engine=wasi
# expect: error AttributeError "'sqlite3.Connection' object has no attribute 'enable_load_extension'" alive

import sqlite3

base = sqlite3.connect(":memory:")
base.enable_load_extension(True)
