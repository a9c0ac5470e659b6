# goal: send a record whose type has a name of a megabyte
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"record":["' + b"A" * 1_000_000 + b'"]}'))
