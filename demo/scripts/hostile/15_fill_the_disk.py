# tries: fill the disk
# stands: disk
# expect: error OSError
with open("large", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
