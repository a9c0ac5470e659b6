# goal: let a database count for ever
# technique: cpu_time
# limits: wall=0.3
# needs: landlock
# expect: limit wall dead

import sqlite3

base = sqlite3.connect(":memory:")
base.execute(
    "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
).fetchone()
