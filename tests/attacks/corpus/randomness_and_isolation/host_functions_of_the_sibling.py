# goal: call a host function that only the sandbox beside this one was lent
# technique: randomness_and_isolation
# functions: echo
# trap: 30
# expect: ok ['HostFunctionError', 'display', 'echo', 'progress'] alive

import host

sorted(name for name in vars(host) if not name.startswith("_"))
