# goal: read root's keys
# technique: filesystem
# expect: ok 'ENOENT' alive
# expect[landlock+seccomp]: ok ~"'(EACCES|ENOENT)'" alive
# expect[only:seccomp]: ok 'EPERM' alive

from attempt import attempt

attempt(open, "/root/.ssh/id_rsa")
