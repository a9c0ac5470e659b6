# goal: send a list that lies about its length
# technique: protocol_values
# expect: ok None

class Evil(list):
    def __len__(self):
        return 10**9

    def __iter__(self):
        raise SystemExit


Evil([1, 2])
