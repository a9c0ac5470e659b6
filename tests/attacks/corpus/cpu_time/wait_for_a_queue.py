# goal: wait for an empty queue
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import queue

queue.Queue().get()
