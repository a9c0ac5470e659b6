# goal: make every later cell fail with a figure that cannot be drawn
# technique: output_and_display
# packages: matplotlib
# limits: memory=256MiB
# needs: disk
# expect: ok ([], 'the next cell runs') alive

import matplotlib.pyplot as plt

plt.figure(figsize=(1000, 1000), dpi=100)
try:
    plt.show()
except MemoryError:
    pass
# --- next turn
plt.get_fignums(), "the next cell runs"
