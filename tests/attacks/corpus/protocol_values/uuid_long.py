# goal: send a UUID of a megabyte
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"uuid":"' + b"a" * 1_000_000 + b'"}'))
