# goal: compute for free while the host owes data
# technique: streams
# trap: 11
# limits: cpu=0.5
# expect: limit cpu "the guest reached its limit cpu=0.5 s" dead

from wire import frame, mute, send

READER
mute()
send(frame({"type": "credit", "stream": 0, "size": 1 << 20, "waits": True}))
while True:
    pass
