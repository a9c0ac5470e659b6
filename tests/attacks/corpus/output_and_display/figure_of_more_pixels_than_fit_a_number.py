# goal: overflow the size of a figure
# technique: output_and_display
# packages: matplotlib
# needs: disk
# expect: error ValueError ~"Image size of .* pixels is too large.*" alive

import matplotlib.pyplot as plt

display(plt.figure(figsize=(1e6, 1e6), dpi=100))
