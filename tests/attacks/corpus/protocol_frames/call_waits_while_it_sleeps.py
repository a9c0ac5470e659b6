# goal: stay for ever while the clock rests for a host function
# technique: protocol_frames
# trap: 11
# functions: pause_async
# limits: host_wall=0.5
# expect: limit host_wall "the guest reached its limit host_wall=0.5 s"

import time

from wire import call, send

send(call("pause_async", b"[[60],null]", waits=True))
time.sleep(60)
