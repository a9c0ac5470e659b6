# goal: have the host take pointers for an array of objects
# technique: protocol_values
# field: host-unpickle
# expect: crashed Protocol "the guest broke the protocol: an array of a dtype that may not cross"

from wire import done, send

send(done(b'{"array":["|O",[1],8]}', bytes(8)))
