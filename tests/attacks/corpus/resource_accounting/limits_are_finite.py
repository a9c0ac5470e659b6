# goal: find a resource without a limit
# technique: resource_accounting
# needs: module:resource
# expect: ok [] alive

import resource

bounded = "AS DATA NPROC NOFILE FSIZE CORE CPU STACK MEMLOCK MSGQUEUE NICE RTPRIO".split()
[
    name
    for name in bounded
    if resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1] == resource.RLIM_INFINITY
]
