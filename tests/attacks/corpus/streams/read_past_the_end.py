# goal: read more than the host gave
# technique: streams
# field: host-lying-size
# expect: ok (3145728, b'')

data = READER.read()
(len(data), READER.read(10))
