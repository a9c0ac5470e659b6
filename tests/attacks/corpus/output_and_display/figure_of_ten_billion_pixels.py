# goal: draw a figure that is larger than the machine
# technique: output_and_display
# field: host-flood
# packages: matplotlib
# limits: memory=256MiB
# needs: disk
# expect: limit memory ~".*" alive

import matplotlib.pyplot as plt

plt.figure(figsize=(1000, 1000), dpi=100)
plt.show()
