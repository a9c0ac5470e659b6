# goal: send a dict with a key and no value
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a dict with a key and no value"

from wire import done, send

send(done(b'{"dict":["a"]}'))
