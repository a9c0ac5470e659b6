# goal: have the kernel write the memory to the host's disk
# technique: resource_accounting
# needs: module:resource
# expect: ok (0, 0) alive

import resource

resource.getrlimit(resource.RLIMIT_CORE)
