# goal: name an attribute of the decoder as a tag
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an unknown tag"

from wire import done, send

send(done(b'{"__class__":[]}'))
