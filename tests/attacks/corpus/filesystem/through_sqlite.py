# goal: have a database open a file
# technique: filesystem
# needs: landlock
# expect: error OperationalError 'unable to open database file' alive

import sqlite3

sqlite3.connect("file:/etc/passwd?mode=ro", uri=True).execute("select 1 from sqlite_master")
