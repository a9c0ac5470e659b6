# goal: call a host function that was not lent, with the agent found by walking up the stack
# technique: frames_and_tracebacks
# field: lang-frames
# trap: 30
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

import sys

frame = sys._getframe()
while not hasattr(frame.f_locals.get("self"), "link"):
    frame = frame.f_back
frame.f_locals["self"].link.call("shutdown", [], {})
