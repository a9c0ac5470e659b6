# goal: read a file that was granted: the control of the attacks on grants
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: ok 'public' alive

open(TARGET["granted"] + "/public.txt").read()
