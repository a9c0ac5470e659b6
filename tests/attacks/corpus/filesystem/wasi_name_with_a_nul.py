# goal: cut a name at its NUL
# technique: filesystem
# needs: engine=wasi
# expect: error ValueError "embedded null byte" alive

open("/lib\0/python3.13/os.py")
