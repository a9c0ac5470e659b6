# goal: import from the host's temporary folder
# technique: filesystem
# expect: error ModuleNotFoundError "No module named 'secret'" alive

import sys

sys.path.insert(0, TARGET["folder"])
import secret
