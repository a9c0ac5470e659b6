# goal: send an opaque value with a text of a megabyte
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"opaque":["A","' + b"b" * 1_000_000 + b'"]}'))
