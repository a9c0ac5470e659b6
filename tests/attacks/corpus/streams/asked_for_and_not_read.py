# goal: fill the host's memory with data that is asked for and not read
# technique: streams
# field: host-stalled-reader
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

from wire import frame, mute, send

READER
mute()
send(frame({"type": "credit", "stream": 0, "size": 1 << 20, "waits": False}))
while True:
    pass
