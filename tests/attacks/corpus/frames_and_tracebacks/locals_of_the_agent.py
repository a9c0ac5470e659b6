# goal: forge the status of the turn in the local variables of the code that reports it
# technique: frames_and_tracebacks
# field: lang-frames
# expect[python<3.13]: ok 'honest'
# expect: crashed Protocol "the guest broke the protocol: a limit that is not the guest's to report"

import sys

frame = sys._getframe()
while "status" not in frame.f_locals:
    frame = frame.f_back
frame.f_locals["status"] = "limit"
frame.f_locals["limit"] = "cpu"
"honest"
