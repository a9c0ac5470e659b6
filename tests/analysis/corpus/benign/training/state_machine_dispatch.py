"""Dispatch by a dictionary of methods."""


class Machine:
    def __init__(self):
        self.stack = []
        self.operations = {
            "push": self.push,
            "add": lambda _: self.stack.append(self.stack.pop() + self.stack.pop()),
            "swap": self.swap,
        }

    def push(self, value):
        self.stack.append(float(value))

    def swap(self, _):
        self.stack[-1], self.stack[-2] = self.stack[-2], self.stack[-1]

    def run(self, program):
        for line in program.splitlines():
            name, _, argument = line.strip().partition(" ")
            self.operations[name](argument)
        return self.stack[-1]
