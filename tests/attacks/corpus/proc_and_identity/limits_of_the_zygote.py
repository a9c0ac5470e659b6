# goal: read the limits of another process
# technique: proc_and_identity
# needs: module:resource
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import resource

resource.prlimit(2, resource.RLIMIT_NOFILE)
