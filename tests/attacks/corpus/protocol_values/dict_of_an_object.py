# goal: send a dict whose content is an object
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"dict":{"dict":[]}}'))
