# goal: list what is beside one's own scratch folder
# technique: filesystem
# needs: namespaces
# expect: ok ['tmp'] alive

import os

os.listdir("/box")
