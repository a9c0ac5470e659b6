# goal: start a worker process
# technique: import_system
# field: lang-module-through-module, step-threads-forks
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok 'EPERM'

import multiprocessing.process
import multiprocessing.popen_fork

from attempt import attempt


class Task:
    def run(self):
        pass

    _bootstrap = run


attempt(multiprocessing.popen_fork.Popen, Task())
