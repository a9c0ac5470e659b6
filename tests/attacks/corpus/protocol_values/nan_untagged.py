# goal: send NaN as a bare word
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: NaN and infinities must be tagged"

from wire import done, send

send(done(b"NaN"))
