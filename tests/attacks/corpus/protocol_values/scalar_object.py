# goal: have the host take a pointer for an object
# technique: protocol_values
# field: host-unpickle
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of a dtype that may not cross"

from wire import done, send

send(done(b'{"scalar":["|O",8]}', bytes(8)))
