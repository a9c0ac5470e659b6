# goal: have the interpreter run a file
# technique: filesystem
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/secret\.txt'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '.*[/\\]secret\.txt'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/secret\.txt'" alive
# expect[only:seccomp]: error ModuleNotFoundError "No module named 'pkgutil'" alive

import runpy

runpy.run_path(TARGET["secret_file"])
