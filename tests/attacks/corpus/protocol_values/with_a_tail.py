# goal: hide bytes behind a value
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: more than a value"

from wire import done, send

send(done(b"[1]]"))
