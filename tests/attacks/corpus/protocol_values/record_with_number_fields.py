# goal: send a record whose fields are numbers
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a record with a field that is not text"

from wire import done, send

send(done(b'{"record":["A",1,2]}'))
