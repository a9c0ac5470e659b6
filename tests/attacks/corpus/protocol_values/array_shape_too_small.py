# goal: send a shape that is smaller than its bytes
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array whose shape and bytes disagree"

from wire import done, send

send(done(b'{"array":["<f8",[1],800]}', bytes(800)))
