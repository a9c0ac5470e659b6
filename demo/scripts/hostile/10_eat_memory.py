# tries: take memory until the machine swaps
# stands: memory
# expect: limit memory
hoard = []
while True:
    hoard.append(bytearray(16 << 20))
