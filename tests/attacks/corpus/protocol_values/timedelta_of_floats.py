# goal: send a duration of floats
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"timedelta":[1.5,0,0]}'))
