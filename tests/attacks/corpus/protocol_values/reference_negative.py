# goal: read the host's memory before the blob
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a reference beyond the blob"

from wire import done, send

send(done(b'{"bytes":-10}', bytes(10)))
