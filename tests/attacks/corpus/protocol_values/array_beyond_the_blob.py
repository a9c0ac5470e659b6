# goal: send an array that reaches beyond the blob
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: a reference beyond the blob"

from wire import done, send

send(done(b'{"array":["<f8",[1000000],8000000]}', bytes(8)))
