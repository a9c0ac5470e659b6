# goal: look up one's own name
# technique: proc_and_identity
# needs: no:only:seccomp
# expect: error KeyError "'getpwuid(): uid not found: 1000'" alive
# expect[python>=3.13]: error OSError "No username set in the environment" alive
# expect[no:namespaces]: error KeyError ~r"'getpwuid\(\): uid not found: \d+'" alive

import getpass

getpass.getuser()
