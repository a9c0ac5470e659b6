# goal: send an object that is two things
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an object without exactly one tag"

from wire import done, send

send(done(b'{"tuple":[],"set":[]}'))
