# goal: send a module
# technique: protocol_values
# expect: ok ~"Opaque\\(module: <module 'os' .*>\\)"

import os

os
