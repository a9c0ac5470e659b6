# goal: send an array of void
# technique: protocol_values
# field: host-forged-frame
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of a dtype that may not cross"

from wire import done, send

send(done(b'{"array":["|V8",[1],8]}', bytes(8)))
