# goal: raise in the code that reports errors, by replacing what it calls
# technique: errors_and_messages
# field: lang-shadowing
# expect: error Exception "(cannot be described)" alive

import sys

sys.modules["ringfence_guest.execute"].describe_exception = None
sys.modules["ringfence_guest.agent"].describe_exception = None
1 / 0
