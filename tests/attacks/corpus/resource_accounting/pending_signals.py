# goal: find how many signals the kernel would keep
# technique: resource_accounting
# needs: module:resource
# expect: ok (64, 64) alive

import resource

resource.getrlimit(11)
