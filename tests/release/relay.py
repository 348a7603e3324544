"""Passes what comes by a Unix socket on to a port of 127.0.0.1, and back: relay.py SOCKET PORT. Says when it listens."""
import socketserver
import socket
import sys
import threading


def pass_on(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


class Relay(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as server:
            threading.Thread(target=pass_on, args=(self.request, server), daemon=True).start()
            pass_on(server, self.request)


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_):  # a peer that leaves in the middle is none
        pass


with Server(sys.argv[1], Relay) as relay:
    print("listens", flush=True)
    relay.serve_forever()
