# goal: send a duration that overflows
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: not a value (OverflowError)"

from wire import done, send

send(done(b'{"timedelta":[999999999999,0,0]}'))
