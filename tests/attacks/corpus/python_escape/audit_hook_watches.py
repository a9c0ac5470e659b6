# goal: learn by an audit hook what the sandbox opens for the next turn, and open it too
# technique: python_escape
# field: lang-audit-hooks
# expect: ok []

import sys

seen = []
sys.addaudithook(lambda event, args: seen.append(event) if event in ("open", "socket.connect") else None)
# --- next turn
seen
