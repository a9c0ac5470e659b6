# goal: know another guest's unique names
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"\['[0-9a-f-]{36}', '[0-9a-f-]{36}'\]" alive

import uuid

[str(uuid.uuid1()), str(uuid.uuid4())]
