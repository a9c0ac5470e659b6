# goal: climb out through the frames of the sandbox's own output thread
# technique: frames_and_tracebacks
# field: lang-frames
# needs: threads
# expect: ok 'EPERM'

import sys
import threading

from attempt import attempt

for number in range(1_000):
    print(number)
thread = next(t for t in threading.enumerate() if t.name == "output")
frame = sys._current_frames()[thread.ident]
while frame.f_back is not None:
    frame = frame.f_back
attempt(frame.f_builtins["__import__"]("os").fork)
