# goal: open a path of a megabyte
# technique: filesystem
# needs: engine=wasi
# expect: error OSError ~r"\[Errno 37\] Filename too long: '(d/)+.*(d/)+f'" alive

open("d/" * 500_000 + "f")
