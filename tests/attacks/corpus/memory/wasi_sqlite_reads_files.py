# goal: read the library and beyond through sqlite
# technique: memory
# needs: engine=wasi
# expect: error OperationalError "unable to open database file" alive

import sqlite3

sqlite3.connect("file:/../../../etc/passwd?mode=ro", uri=True).execute("select 1")
