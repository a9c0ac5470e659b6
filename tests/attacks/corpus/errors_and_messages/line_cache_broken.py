# goal: fail the report of an error by breaking the cache of lines
# technique: errors_and_messages
# expect: error ZeroDivisionError "division by zero" alive

import linecache

linecache.cache = None
linecache.getline = None
1 / 0
