# goal: send an array of a thousand dimensions
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array with a wrong shape"

from wire import done, send

send(done(b'{"array":["<f8",[' + b",".join([b"1"] * 1_000) + b'],8]}', bytes(8)))
