# goal: leave no builtin
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 71" dead

import builtins

builtins.__dict__.clear()
