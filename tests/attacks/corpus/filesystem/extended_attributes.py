# goal: read what is stored beside a file
# technique: filesystem
# expect: error OSError "[Errno 95] Operation not supported: '/'" alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'listxattr'" alive

import os

os.listxattr("/")
