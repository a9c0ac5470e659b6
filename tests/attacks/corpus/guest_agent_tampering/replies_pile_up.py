# goal: fill the host's memory with answers that are asked for and never read
# technique: guest_agent_tampering
# field: host-stalled-reader
# functions: make
# limits: wall=3
# expect: crashed Protocol "the guest broke the protocol: it does not read" dead

from wire import call, mute, send

mute()
for number in range(900):
    send(call("make", b"[[1048576],null]", id=number))
