# goal: read what is stored beside a file
# technique: filesystem
# expect: error OSError "[Errno 95] Operation not supported: '/'" alive

import os

os.listxattr("/")
