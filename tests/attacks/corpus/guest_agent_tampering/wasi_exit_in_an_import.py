# goal: end the guest while a module is being imported
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 4" dead

import os

open("leaving.py", "w").write("import os\nos._exit(4)\n")
import sys

sys.path.insert(0, os.getcwd())
import leaving
