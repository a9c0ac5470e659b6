# goal: leave no module
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: ok 2 alive

import sys

sys.modules.clear()
# --- next turn
1 + 1
