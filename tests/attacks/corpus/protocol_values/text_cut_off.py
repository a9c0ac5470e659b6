# goal: send text that ends within a character
# technique: protocol_values
# field: host-utf8
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

from wire import done, send

send(done(b'{"str":2}', b"\xe2\x82"))
