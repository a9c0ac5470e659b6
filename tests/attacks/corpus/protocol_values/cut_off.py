# goal: send half a value
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: not a value (JSONDecodeError)"

from wire import done, send

send(done(b'["abc'))
