# goal: write to the host's system log
# technique: network_ipc
# needs: no:only:seccomp
# expect: ok None

import logging.handlers

logging.handlers.SysLogHandler("/dev/log")
