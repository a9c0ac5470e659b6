# goal: send a shape of booleans
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"array":["<f8",[true],8]}', bytes(8)))
