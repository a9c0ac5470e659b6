# goal: keep the host busy for ever with a frame that comes byte by byte
# technique: protocol_frames
# field: host-stalled-reader
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

import time

from wire import done, mute, send

mute()
for number in done(b'"' + b"x" * 10_000 + b'"'):
    send(bytes([number]))
    time.sleep(0.01)
