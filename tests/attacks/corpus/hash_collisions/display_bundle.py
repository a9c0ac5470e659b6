# goal: make the host's dict quadratic with a display
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: keys made to collide"

from wire import send, show

prime = (1 << 61) - 1
numbers = b",".join(b'{"int":20},0' for _ in range(1_000))
blob = b"".join((n * prime).to_bytes(20, "little", signed=True) for n in range(1_000))
send(show(b'{"dict":[' + numbers + b"]}", blob))
