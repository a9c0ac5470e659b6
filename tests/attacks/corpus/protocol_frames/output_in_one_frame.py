# goal: pass the limit on output with one frame
# technique: protocol_frames
# field: host-flood
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536"
# stdout: ''

from wire import output, send

send(output(b"x" * 10_000_000))
