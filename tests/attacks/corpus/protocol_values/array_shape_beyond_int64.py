# goal: send a dimension beyond what a C long holds
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array with a wrong shape"

from wire import done, send

send(done(b'{"array":["|u1",[0,9223372036854775808],0]}'))
