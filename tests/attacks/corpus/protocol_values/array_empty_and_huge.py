# goal: send an empty array with a huge dimension
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: not a value (ValueError)"

from wire import done, send

send(done(b'{"array":["<f8",[0,4611686018427387904],0]}'))
