# goal: count the guests in a database that connections share
# technique: randomness_and_isolation
# twice: equal
# needs: landlock
# expect: ok 0 alive

import sqlite3

base = sqlite3.connect("file:shared?mode=memory&cache=shared", uri=True)
base.execute("create table if not exists t (x)")
count = base.execute("select count(*) from t").fetchone()[0]
base.execute("insert into t values (1)")
base.commit()
count
