# goal: write to the host's system log
# technique: output_and_display
# field: kernel-leaked-fd
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok 'EPERM'

import logging.handlers

from attempt import attempt

handler = logging.handlers.SysLogHandler(TARGET["socket"])
attempt(handler._connect_unixsocket, TARGET["socket"])
