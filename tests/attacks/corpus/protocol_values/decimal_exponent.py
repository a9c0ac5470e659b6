# goal: send a Decimal that is short and expands to megabytes
# technique: protocol_values
# field: host-lying-size
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: a Decimal that is too long"

from wire import done, send

send(done(b'{"decimal":"1E+99999"}'))
