# goal: learn the users of the host
# technique: proc_and_identity
# needs: module:pwd
# expect: ok 0 alive

import pwd

len(pwd.getpwall())
