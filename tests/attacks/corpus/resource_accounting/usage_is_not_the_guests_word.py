# goal: hide the time one used by changing the clock that one reads
# technique: resource_accounting
# limits: wall=0.3
# expect: limit wall alive

import time

time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
while True:
    pass
