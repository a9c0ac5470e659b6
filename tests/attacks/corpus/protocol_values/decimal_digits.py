# goal: send a Decimal of a hundred thousand digits
# technique: protocol_values
# field: host-lying-size
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: a number of more than 4400 digits"

from wire import done, send

send(done(b'{"decimal":"' + b"1" * 100_000 + b'"}'))
