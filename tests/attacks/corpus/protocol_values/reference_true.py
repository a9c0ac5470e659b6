# goal: give a length that is True
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a reference beyond the blob"

from wire import done, send

send(done(b'{"bytes":true}', bytes(1)))
