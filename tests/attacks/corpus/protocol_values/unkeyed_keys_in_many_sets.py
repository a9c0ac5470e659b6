# goal: spread keys that can be made to collide over many sets
# technique: protocol_values
# field: step-hash-collision
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: too many keys that could be made to collide"

from wire import done, send

keys = b",".join(b"%d" % (n * n * 7919) for n in range(8_000))
send(done(b"[" + b",".join([b'{"set":[' + keys + b"]}"] * 20) + b"]"))
