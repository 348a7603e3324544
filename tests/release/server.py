"""Serves HTTP on a free port of 127.0.0.1, which it tells: /up is 200 with JSON, /never has no answer, all else is 503."""
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/never":
            threading.Event().wait()
        up = self.path.split("?")[0] == "/up"
        body = b'{"status": "up", "queue": {"length": 258}}' if up else b"down"
        self.send_response(200 if up else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"listens on 127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
