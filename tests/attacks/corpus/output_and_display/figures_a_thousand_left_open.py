# goal: display more figures than may be, by leaving them open
# technique: output_and_display
# field: host-flood
# packages: matplotlib
# limits: display=64KiB
# needs: disk
# expect: limit display "the guest reached its limit display=65,536" alive

import warnings

import matplotlib.pyplot as plt

warnings.simplefilter("ignore")
for _ in range(200):
    plt.figure(figsize=(1, 1))
