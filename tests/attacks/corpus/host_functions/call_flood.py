# goal: call the host a million times without waiting for an answer
# technique: host_functions
# field: host-flood, host-stalled-reader
# functions: echo
# limits: calls=100
# expect: limit calls "the guest reached its limit calls=100" dead

from wire import call, mute, send

mute()
for number in range(1_000_000):
    send(call("echo", b'[["x"],null]', id=number))
