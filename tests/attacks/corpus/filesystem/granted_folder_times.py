# goal: change the times of a file that was granted for reading
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: ok 'EROFS' alive
# expect[no:namespaces]: ok 'EPERM' alive

from kernel import call

call("utimensat", -100, TARGET["granted"].encode() + b"/public.txt", b"\0" * 32, 0)
