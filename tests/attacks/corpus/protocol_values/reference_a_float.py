# goal: give a length that is no whole number
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a reference beyond the blob"

from wire import done, send

send(done(b'{"bytes":1.0}', bytes(1)))
