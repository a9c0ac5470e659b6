# goal: read the limits of another process
# technique: proc_and_identity
# expect: ok None

import resource

resource.prlimit(2, resource.RLIMIT_NOFILE)
