# goal: get a result that is not there by deleting the code that makes it
# technique: guest_agent_tampering
# field: lang-shadowing
# trap: 30
# expect: crashed Exit dead

import sys

for name in [name for name in sys.modules if name.startswith("ringfence_guest")]:
    sys.modules[name].__dict__.clear()
