"""Stands in for Slack and PagerDuty: takes every POST, and lists them at GET /."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

received = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received.append({"to": self.path.removeprefix("/"), "body": body})
        # As the real ones answer: Slack "ok" (incoming webhooks), PagerDuty 202 (Events API v2).
        if self.path == "/slack":
            self.answer(200, "text/html", "ok")
        else:
            self.answer(202, "application/json", json.dumps({"status": "success", "dedup_key": body["dedup_key"]}))

    def do_GET(self):
        self.answer(200, "application/json", json.dumps(received))

    def answer(self, code, kind, text):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """What arrived is listed."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
