# goal: tell the host that the turn has ended, and go on computing
# technique: cpu_time
# trap: 11
# field: host-forged-frame
# expect: ok 'stopped' alive

import sys
import time

from ringfence_guest.protocol import codec

frame = sys._getframe()
while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "link"):
    frame = frame.f_back
link = frame.f_locals["self"].link
before = time.process_time()
nothing = codec.encode(None, limit=1024)
link.send({"type": "done", "turn": 1, "status": "ok", "limit": None}, nothing.body)
longest, last = 0.0, time.monotonic()
while time.process_time() - before < 0.25:
    now = time.monotonic()
    longest, last = max(longest, now - last), now

# The true end of this turn must not be sent as well.
send, end_turn = link.send, link.end_turn


def send_once(*arguments, **named):
    link.send, link.end_turn = send, end_turn


link.send = link.end_turn = send_once
# --- next turn after 0.4 s
"stopped" if longest > 0.2 else "computed between turns"
