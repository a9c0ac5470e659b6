# goal: make a module look newer than its bytecode
# technique: filesystem
# expect: ok 'EROFS' alive
# expect[no:namespaces]: ok 'EPERM' alive

import os

from kernel import call

call("utimensat", -100, os.fsencode(os.__file__), b"\0" * 32, 0)
