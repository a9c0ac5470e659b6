# goal: hand the host a stream that it never lent
# technique: protocol_values
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: a stream where none may be"

from wire import done, send

send(done(b'{"stream":[0,"read"]}'))
