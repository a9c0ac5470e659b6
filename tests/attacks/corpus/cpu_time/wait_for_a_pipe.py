# goal: read from a pipe to which nobody writes
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no pipes here, for there is nobody at the other end: use io.BytesIO, collections.deque or asyncio.Queue, or lend a host function that does what a process would" alive

import os

reading, writing = os.pipe()
os.read(reading, 1)
