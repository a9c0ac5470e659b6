# goal: keep the host waiting for a frame that was announced and never comes
# technique: protocol_frames
# field: host-lying-size, host-stalled-reader
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

from wire import frame, mute, send

mute()
send(frame({"type": "done"}, lengths=(16, 0, 60_000_000)))
