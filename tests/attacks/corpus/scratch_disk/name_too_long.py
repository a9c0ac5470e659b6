# goal: use a name that is too long
# technique: scratch_disk
# needs: disk
# expect: error OSError ~"\\[Errno 36\\] File name too long: 'x+'" alive
# expect[engine=wasi]: error OSError ~r"\[Errno 37\] Filename too long: 'x+'" alive

open("x" * 256, "w")
