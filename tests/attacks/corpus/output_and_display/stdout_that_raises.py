# goal: lose the result by a stream that raises when it is flushed
# technique: output_and_display
# expect: ok 5

class Evil:
    closed = False

    def write(self, text):
        return len(text)

    def flush(self):
        raise SystemExit(1)


import sys

sys.stdout = sys.stderr = Evil()
5
