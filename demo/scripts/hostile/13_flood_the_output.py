# tries: drown the host in output
# stands: output
# expect: limit output
while True:
    print("spam " * 1000)
