# technique: __init_subclass__ and __set_name__ run code at class creation
# goal: start a server when the class statement is reached


class Importer:
    kinds = {}

    def __init_subclass__(cls, suffix="", hook=None, **rest):
        super().__init_subclass__(**rest)
        Importer.kinds[suffix] = cls
        if hook:
            hook()

    def read(self, text):
        raise NotImplementedError


class Setup:
    def __set_name__(self, owner, name):
        from http import server as web

        service = web.ThreadingHTTPServer(("0.0.0.0", 8765), web.SimpleHTTPRequestHandler)
        owner.close = service.shutdown
        owner.loop = service.serve_forever


class Obj(Importer, suffix=".obj"):
    ready = Setup()

    def read(self, text):
        points = []
        for line in text.splitlines():
            if line.startswith("v "):
                points.append(tuple(map(float, line.split()[1:4])))
        return points


def read(name, text):
    for suffix, kind in Importer.kinds.items():
        if name.endswith(suffix):
            return kind().read(text)
    raise ValueError("no importer for it")
