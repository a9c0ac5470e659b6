# goal: print past the agent
# technique: output_and_display
# needs: engine=wasi
# expect: ok 5 alive

import os

os.write(1, b"hello")
