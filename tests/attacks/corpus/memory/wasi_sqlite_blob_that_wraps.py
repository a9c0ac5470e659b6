# goal: have sqlite make a blob whose size wraps
# technique: memory
# needs: engine=wasi
# expect: error DataError "string or blob too big" alive

import sqlite3

base = sqlite3.connect(":memory:")
base.execute("select length(zeroblob(2147483647) || zeroblob(2147483647))").fetchall()
