# goal: send a Decimal with an exponent of twenty digits
# technique: protocol_values
# field: host-lying-size
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: not a Decimal"

from wire import done, send

send(done(b'{"decimal":"1E99999999999999999999"}'))
