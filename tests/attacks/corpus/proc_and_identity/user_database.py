# goal: learn the users of the host
# technique: proc_and_identity
# expect: ok None

import pwd

len(pwd.getpwall())
