# goal: send a key that cannot be one
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: not a value (TypeError)"

from wire import done, send

send(done(b'{"dict":[[],1]}'))
