# goal: fill the host's memory with progress that costs nothing
# technique: protocol_frames
# field: host-flood
# trap: 16
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536" dead

from wire import frame, mute, send

mute()
for _ in range(1_000_000):
    send(frame({"type": "progress", "fraction": 0.5, "message": ""}))
