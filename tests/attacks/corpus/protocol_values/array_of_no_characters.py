# goal: send characters that do not exist
# technique: protocol_values
# field: host-utf8
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of text that is none"

from wire import done, send

send(done(b'{"array":["<U1",[1],4]}', b"\xff\xff\xff\x7f"))
