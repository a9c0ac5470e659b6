# goal: fill the host's memory by never reading what it answers
# technique: guest_agent_tampering
# field: host-stalled-reader
# functions: make
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

from wire import call, mute, send

mute()
for number in range(20):
    send(call("make", b"[[1048576],null]", id=number))
while True:
    pass
