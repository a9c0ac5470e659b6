# goal: report a crash that looks like the kernel's verdict
# technique: protocol_frames
# field: host-forged-frame
# expect: error SIGSYS "killed by seccomp"

from wire import done, mute, send

mute()
send(done(b'["SIGSYS","killed by seccomp",""]', status="error"))
