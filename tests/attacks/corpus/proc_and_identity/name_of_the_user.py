# goal: look up one's own name
# technique: proc_and_identity
# expect: ok None

import getpass

getpass.getuser()
