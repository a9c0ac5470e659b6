# goal: know another guest by its node
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"\d+" alive

import uuid

uuid.getnode()
