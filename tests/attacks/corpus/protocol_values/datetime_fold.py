# goal: send a moment with a fold of 7
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: not a value (ValueError)"

from wire import done, send

send(done(b'{"datetime":["2020-01-01",7]}'))
