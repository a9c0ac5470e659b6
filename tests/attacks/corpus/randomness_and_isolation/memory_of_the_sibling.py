# goal: find in memory the secret of the sandbox that was started before
# technique: randomness_and_isolation
# trap: 2
# expect: ok [] alive

import gc

[thing for thing in gc.get_objects() if isinstance(thing, dict) and "secret" in thing]
