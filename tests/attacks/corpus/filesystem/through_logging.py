# goal: have logging write to the host
# technique: filesystem
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/planted'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '.*[/\\]planted'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/planted'" alive

import logging

logging.FileHandler(TARGET["folder"] + "/planted").emit(logging.makeLogRecord({"msg": "x"}))
