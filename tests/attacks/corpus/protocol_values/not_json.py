# goal: make the host evaluate a value as source
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: not a value"

from wire import done, send

send(done(b"__import__('os').abort()"))
