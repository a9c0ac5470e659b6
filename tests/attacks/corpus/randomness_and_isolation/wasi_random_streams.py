# goal: know another guest's random numbers
# technique: randomness_and_isolation
# needs: engine=wasi
# twice: differ
# expect: ok ~".*" alive

import os
import random
import secrets
import uuid

[random.random(), secrets.token_hex(8), str(uuid.uuid4()), os.urandom(8)]
