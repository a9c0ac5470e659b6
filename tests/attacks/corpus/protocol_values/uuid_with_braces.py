# goal: send a UUID that is none
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: not a value (ValueError)"

from wire import done, send

send(done(b'{"uuid":"{urn:uuid:}"}'))
