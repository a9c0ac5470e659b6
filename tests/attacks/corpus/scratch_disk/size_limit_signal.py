# goal: be killed by the signal for files that are too large
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

import signal

signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
with open("file", "wb") as file:
    file.truncate(1 << 40)
"went on"
