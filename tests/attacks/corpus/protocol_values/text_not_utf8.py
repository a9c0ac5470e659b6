# goal: send text that is none
# technique: protocol_values
# field: host-utf8
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

from wire import done, send

send(done(b'{"str":4}', b"\xff\xfe\xfd\xfc"))
