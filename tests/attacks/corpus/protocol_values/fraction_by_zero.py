# goal: make the host divide by zero
# technique: protocol_values
# field: host-forged-frame
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: not a value (ZeroDivisionError)"

from wire import done, send

send(done(b'{"fraction":[1,0]}'))
