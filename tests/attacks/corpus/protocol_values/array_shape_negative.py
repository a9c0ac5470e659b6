# goal: send a shape with a negative dimension
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array with a wrong shape"

from wire import done, send

send(done(b'{"array":["<f8",[-1],8]}', bytes(8)))
