# goal: send a Decimal as only Decimal() would read it
# technique: protocol_values
# field: host-forged-frame
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: not a Decimal"

from wire import done, send

send(done(b'{"decimal":" 1_0 "}'))
