# goal: read the host's memory behind the blob
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a reference beyond the blob"

from wire import done, send

send(done(b'{"bytes":1000}', bytes(10)))
