# goal: find the host's secret in the environment
# technique: proc_and_identity
# expect: ok None

import os

sorted(os.environ)
