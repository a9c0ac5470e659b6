# goal: read what the host sends to the next turn of this very guest, and to nobody else
# technique: python_escape
# field: lang-audit-hooks
# expect: ok 2

import sys

seen = []


def tracer(frame, event, argument):
    seen.append(sorted(frame.f_locals))
    return None


sys.settrace(tracer)
None
# --- next turn
sys.settrace(None)
1 + 1
