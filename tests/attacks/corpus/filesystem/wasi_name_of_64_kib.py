# goal: make a file with a name of 64 KiB
# technique: filesystem
# needs: engine=wasi
# expect: error OSError ~r"\[Errno 37\] Filename too long: 'n+.*n+'" alive

open("n" * 65_536, "w")
