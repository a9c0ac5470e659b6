# goal: crash by the fault handler's own means
# technique: signals
# needs: engine=wasi
# expect: crashed Trap dead

import faulthandler

faulthandler._sigabrt()
