# goal: make the host hash a record of unhashable fields a thousand times
# technique: protocol_values
# field: host-forged-frame
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: keys made to collide"

from wire import done, send

parts = b",".join(b'{"record":["A","x",[%d]]}' % n for n in range(1_000))
send(done(b'{"set":[' + parts + b"]}"))
