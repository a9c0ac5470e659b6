# goal: count the guests in the scratch folder of the image, below one's own
# technique: randomness_and_isolation
# twice: equal
# needs: disk
# expect: ok [] alive

import os

entries = sorted(os.listdir("."))
open("left-behind", "w").close()
entries
