# goal: go on flooding after the limit, deaf to the host
# technique: protocol_frames
# field: host-flood, step-ignore-signals
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536" dead

from wire import mute, output, send

mute()
many = output(b"") * 1_000
while True:
    send(many)
