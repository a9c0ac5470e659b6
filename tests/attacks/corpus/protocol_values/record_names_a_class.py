# goal: have the host make an instance of one of its own classes
# technique: protocol_values
# field: host-forged-frame
# expect: ok Record(type_name='subprocess.Popen', fields={'args': 'id', '__class__': 'x', '__dict__': 1})

from wire import answer

answer(b'{"record":["subprocess.Popen","args","id","__class__","x","__dict__",1]}')
