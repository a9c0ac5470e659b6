# goal: send a million frames of output without any output
# technique: protocol_frames
# field: host-flood
# trap: 16
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536" dead

from wire import mute, output, send

mute()
many = output(b"") * 1_000
for _ in range(1_000):
    send(many)
