# goal: list a host folder by a decorator, without a call expression on it
# technique: python_escape
# field: lang-class-hooks
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

import os

from attempt import attempt


class Path(type):
    def __fspath__(cls):
        return cls.path


@lambda cls: attempt(os.listdir, cls)
class found(metaclass=Path):
    path = TARGET["folder"]


found
