# goal: have the zygote run code of the guest at its end
# technique: randomness_and_isolation
# trap: 2
# expect: ok 'registered' alive

import atexit
import os

atexit.register(os.abort)
"registered"
