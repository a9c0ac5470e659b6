# goal: return an object whose repr is a hundred megabytes long
# technique: protocol_values
# limits: memory=512MiB
# expect: ok 2000

class Evil:
    def __repr__(self):
        return "x" * 100_000_000


from ringfence_guest.protocol import codec

len(codec.decode(*(lambda p: (p.body, b"".join(p.blob)))(codec.encode(Evil(), limit=1 << 26)), limit=1 << 26).text)
