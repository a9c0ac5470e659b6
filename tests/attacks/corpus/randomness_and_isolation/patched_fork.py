# goal: have the zygote run code of the guest when it forks the next one
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok [] alive

import os
import sys

seen = [name for name in ("planted",) if name in sys.modules]
sys.modules["planted"] = sys
os.fork = lambda: 0
os.register_at_fork(after_in_child=lambda: sys.modules.update(planted=sys))
seen
