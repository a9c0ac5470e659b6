# goal: end the guest's own code by a text that lies about its length
# technique: errors_and_messages
# expect: error Evil "x" alive

class Text(str):
    def __len__(self):
        return -1

    def __getitem__(self, item):
        raise SystemExit


class Evil(Exception):
    def __str__(self):
        return Text("x")


raise Evil
