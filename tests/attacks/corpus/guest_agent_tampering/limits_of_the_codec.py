# goal: send what is too deep, after the limits in the guest were lifted
# technique: guest_agent_tampering
# field: host-nesting
# trap: 30
# expect: crashed Protocol "the guest broke the protocol: a value nested deeper than 64"

import sys

from ringfence_guest.protocol import values

for module in [m for name, m in sys.modules.items() if name.startswith("ringfence_guest.protocol")]:
    for name in ("MAX_DEPTH", "_MAX_DEPTH"):
        if hasattr(module, name):
            setattr(module, name, 10**9)
value = []
for _ in range(300):
    value = [value]
value
