# goal: read the frames of the sandbox's output thread
# technique: frames_and_tracebacks
# field: lang-frames
# needs: threads
# expect: ok True

import sys
import time

for number in range(100):
    print(number)
frames = sys._current_frames()
agents = [f for f in frames.values() if "ringfence_guest" in f.f_code.co_filename or f.f_back]
len(frames) <= 3
