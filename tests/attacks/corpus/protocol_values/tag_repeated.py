# goal: send one tag twice with different contents
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an object without exactly one tag"

from wire import done, send

send(done(b'{"tuple":[],"tuple":[1]}'))
