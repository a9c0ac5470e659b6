# goal: have the traceback machinery read a file
# technique: filesystem
# expect: ok [] alive

import linecache

linecache.getlines("/etc/passwd")
