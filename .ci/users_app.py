"""An app that knows its users by opaque credentials, as Laravel's Sanctum gives them: for the checks of this folder."""

import http.server
import json
import threading


class UsersApp:
    """Answers `GET /api/users/me` on a free port of this machine, until it is stopped."""

    def __init__(self, secret, users):
        self.asked = []
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
                app.asked.append((self.path, bearer))
                if self.path != "/api/users/me" or self.headers.get("X-Internal-Secret") != secret:
                    self.answer(404, {"message": "Not Found"})
                elif bearer not in users:
                    self.answer(401, {"message": "Unauthenticated."})
                else:
                    self.answer(200, {"data": users[bearer]})

            def answer(self, status, body):
                body = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api/users/me"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
