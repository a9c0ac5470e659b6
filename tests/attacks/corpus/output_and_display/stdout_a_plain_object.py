# goal: fail the turn by a stream that has nothing but write
# technique: output_and_display
# expect: ok 42

class Tee:
    def write(self, text):
        return len(text)


import sys

sys.stdout = Tee()
print("hello")
42
