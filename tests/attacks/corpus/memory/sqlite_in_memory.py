# goal: keep gigabytes in a database without a file
# technique: memory
# limits: memory=64MiB
# needs: landlock
# expect: limit memory alive

import sqlite3

base = sqlite3.connect(":memory:")
base.execute("create table t (data blob)")
for _ in range(512):
    base.execute("insert into t values (zeroblob(1000000))")
"stored"
