# goal: open a host file with the open() that print's own module holds
# technique: python_escape
# field: lang-class-walk
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

from attempt import attempt

attempt(lambda: print.__self__.__dict__["open"](TARGET["secret_file"]).read())
