"""A small web application that writes each visit into a book. Where it may not, it says so as Python does: with a trace, and no page."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BOOK = os.environ["BOOK"]


class Visitor(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with open(BOOK, "a") as book:
            book.write(f"{self.path}\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"written\n")

    def log_message(self, *_) -> None:
        """It writes only of what goes wrong."""


ThreadingHTTPServer(("", 8080), Visitor).serve_forever()
