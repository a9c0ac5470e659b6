# goal: compute for free while the clock rests for a host function
# technique: protocol_frames
# trap: 11
# functions: pause_async
# limits: cpu=0.5 host_wall=8
# expect: limit cpu "the guest reached its limit cpu=0.5 s"

from wire import call, send

send(call("pause_async", b"[[60],null]", waits=True))
while True:
    pass
