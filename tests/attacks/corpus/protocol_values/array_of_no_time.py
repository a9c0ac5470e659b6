# goal: send a unit of time of no length, by which NumPy divides
# technique: protocol_values
# field: host-lying-size
# packages: numpy
# expect: crashed Protocol "the guest broke the protocol: an array of a dtype that may not cross"

from wire import done, send

send(done(b'{"array":["<M8[0s]",[1],8]}', bytes(8)))
