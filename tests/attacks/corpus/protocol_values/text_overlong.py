# goal: send a slash in an overlong form
# technique: protocol_values
# field: host-utf8
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

from wire import done, send

send(done(b'{"str":2}', b"\xc0\xaf"))
