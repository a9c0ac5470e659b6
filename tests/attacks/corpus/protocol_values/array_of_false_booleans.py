# goal: send booleans that are neither True nor False
# technique: protocol_values
# field: host-forged-frame
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of booleans that are none"

from wire import done, send

send(done(b'{"array":["|b1",[4],4]}', b"\2\3\xff\x80"))
