# goal: make a module writable
# technique: filesystem
# expect: ok 'EROFS' alive
# expect[no:namespaces]: ok 'EPERM' alive

import os

from kernel import call

call("fchmodat", -100, os.fsencode(os.__file__), 0o777)
