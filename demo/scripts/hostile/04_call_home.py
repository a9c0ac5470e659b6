# tries: send what it knows to a server on this machine
# stands: network
# expect: error PermissionError
import socket

socket.create_connection(("127.0.0.1", TARGET["port"])).sendall(b"all your secrets")
