# goal: have a walk go round in a circle
# technique: filesystem
# needs: engine=wasi
# field: kernel-links
# limits: wall=3
# expect: ok 2 alive

import os

os.mkdir("d")
os.symlink("..", "d/up")
sum(1 for _ in os.walk(".", followlinks=False))
