# goal: have a database grow without end
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk, landlock
# expect: error OperationalError 'database or disk is full' alive

import sqlite3

base = sqlite3.connect("base.db")
base.execute("create table t (data blob)")
for _ in range(64):
    base.execute("insert into t values (zeroblob(1000000))")
    base.commit()
