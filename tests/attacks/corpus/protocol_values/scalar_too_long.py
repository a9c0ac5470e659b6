# goal: send a scalar of two numbers
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: a scalar whose dtype and bytes disagree"

from wire import done, send

send(done(b'{"scalar":["<f8",16]}', bytes(16)))
