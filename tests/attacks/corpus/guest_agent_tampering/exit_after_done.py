# goal: end the process right after the result, before the host can look
# technique: guest_agent_tampering
# expect: ok 5

import os

from wire import done, send

send(done(b"5"))
os._exit(3)
