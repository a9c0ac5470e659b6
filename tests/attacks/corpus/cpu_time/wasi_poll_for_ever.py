# goal: poll for ever
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import select

select.poll().poll()
