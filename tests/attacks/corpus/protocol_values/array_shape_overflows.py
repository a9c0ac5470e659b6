# goal: send a shape whose product overflows to the right number
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array whose shape and bytes disagree"

from wire import done, send

send(done(b'{"array":["|u1",[4294967296,4294967296],0]}'))
