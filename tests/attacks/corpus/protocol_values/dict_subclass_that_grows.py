# goal: send a dict that gives more items the longer one reads
# technique: protocol_values
# limits: wall=1 memory=256MiB
# expect: ok {}

class Evil(dict):
    def items(self):
        while True:
            yield 1, 1

    def keys(self):
        while True:
            yield 1


Evil()
