# goal: learn the name of who runs the host
# technique: proc_and_identity
# expect: ok None

import os

os.getlogin()
