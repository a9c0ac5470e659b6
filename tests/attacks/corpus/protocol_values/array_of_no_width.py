# goal: send a dtype of no width, of which any number fit
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of a dtype that may not cross"

from wire import done, send

send(done(b'{"array":["<U0",[1000000000],0]}'))
