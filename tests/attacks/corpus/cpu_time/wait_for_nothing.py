# goal: select on nothing
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import select

select.select([], [], [])
