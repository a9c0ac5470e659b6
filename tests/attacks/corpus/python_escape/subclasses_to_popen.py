# goal: start a program through subprocess.Popen, found among all classes
# technique: python_escape
# field: lang-class-walk
# expect: ok 'EPERM'

import subprocess

from attempt import attempt


def walk(cls, name):
    for sub in type.__subclasses__(cls):
        if sub.__name__ == name:
            return sub
        if sub is not type and (found := walk(sub, name)):
            return found


attempt(walk(object, "Popen"), ["/bin/true"])
