# goal: keep the host waiting in the middle of the twelve bytes before a frame
# technique: protocol_frames
# field: host-stalled-reader
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

from wire import mute, send

mute()
send(b"\x02\0\0\0\0\0")
