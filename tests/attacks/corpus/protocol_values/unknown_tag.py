# goal: name a tag that does not exist
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an unknown tag"

from wire import done, send

send(done(b'{"pickle":"gASVAAAAAA=="}'))
