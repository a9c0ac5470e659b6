# goal: fail the report of an error by breaking the library that formats it
# technique: errors_and_messages
# expect: error ZeroDivisionError "division by zero" alive

import traceback

traceback.TracebackException = None
1 / 0
