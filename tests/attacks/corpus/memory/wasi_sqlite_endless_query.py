# goal: have sqlite count for ever
# technique: memory
# needs: engine=wasi
# limits: wall=0.5
# expect: limit wall

import sqlite3

base = sqlite3.connect(":memory:")
base.execute(
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
).fetchall()
