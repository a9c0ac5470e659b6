# goal: use the scratch folder of the image below one's own
# technique: scratch_disk
# needs: disk, namespaces
# expect: ok [] alive

import os

os.listdir("/box/tmp/../tmp")
