# goal: have the host take a dtype that is evaluated
# technique: protocol_values
# field: host-forged-frame
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of a dtype that may not cross"

from wire import done, send

send(done(b'{"array":["i4,O",[1],12]}', bytes(12)))
