# goal: raise the limit on memory
# technique: resource_accounting
# needs: module:resource
# expect: error ValueError 'not allowed to raise maximum limit' alive

import resource

resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
