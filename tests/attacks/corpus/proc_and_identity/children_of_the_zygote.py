# goal: learn what the launcher's other children used
# technique: proc_and_identity
# needs: module:resource
# expect: ok 0.0 alive

import resource

resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
