# goal: name the same bytes many times over
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a reference beyond the blob"

from wire import done, send

send(done(b"[" + b'{"bytes":1000000},' * 100 + b"1]", bytes(1_000_000)))
