# goal: redirect the sandbox's own frame with a trace function
# technique: frames_and_tracebacks
# field: lang-frames, lang-audit-hooks
# expect: ok 1

import sys


def tracer(frame, event, argument):
    frame.f_locals["packed"] = None
    return tracer


frame = sys._getframe()
while frame.f_back:
    frame.f_trace = tracer
    frame = frame.f_back
1
