# goal: have the host build an object of a class by its name
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an unknown tag"

from wire import done, send

send(done(b'{"subprocess.Popen":["id"]}'))
