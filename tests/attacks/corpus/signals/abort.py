# goal: abort, leaving a core dump
# technique: signals
# expect: crashed SIGSEGV dead
# expect[engine=wasi]: crashed Trap dead
# expect[no:namespaces]: crashed SIGABRT dead

import os

os.abort()
