# goal: keep the host waiting in the middle of a header
# technique: protocol_frames
# field: host-stalled-reader
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

from wire import done, mute, send

mute()
send(done()[:30])
