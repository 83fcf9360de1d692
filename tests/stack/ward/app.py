"""A service that falls ill in earnest: POST /trouble/NAME makes it so, and a restart ends it.

Port 8000 answers visitors and exports metrics. Runs from the image compose-watchdog-test/ward; see ../services.yaml.
"""

import fcntl
import itertools
import os
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MEBIBYTE = 2**20
answered = {"200": 0, "500": 0}
going_on = set()
kept = []


def errors():
    """Every visitor is answered 500 from now on; do_GET asks for it."""


def stuck():
    """It runs, answers, and gets nothing done; only its metric says so."""


def memory():
    """Grows to 94 % of its limit, with pages that no cache can give back."""
    limit = int(os.environ["MEMORY_LIMIT"])
    while own_memory() < 0.94 * limit:
        kept.append(os.urandom(MEBIBYTE))


def own_memory():
    with open("/proc/self/statm", encoding="ascii") as file:
        _, resident, shared = file.read().split()[:3]
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def cpu():
    """A loop that runs wild."""

    def spin():
        for _ in itertools.count():
            pass

    threading.Thread(target=spin, daemon=True).start()


def connections():
    """Opens connections to the database and never gives them back. 100 is what PostgreSQL allows."""
    import psycopg2

    while len(kept) < 90:
        kept.append(psycopg2.connect(os.environ["DATABASE"]))


def packets():
    """Sends packets that the other end of its network interface cannot take: each is dropped and counted by the kernel."""
    set_mtu("eth0", 9000)
    threading.Thread(target=send, args=(socket.gethostbyname("people"),), daemon=True).start()


def set_mtu(interface, mtu):
    SIOCSIFMTU = 0x8922
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFMTU, struct.pack("16sI12x", interface.encode(), mtu))


def send(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while True:
            try:
                sender.sendto(bytes(5000), (address, 9))
            except OSError:
                pass  # It is between two networks; the next one goes through.
            time.sleep(0.005)


def disk():
    """A log of last week that nobody removed fills the disk."""
    path = os.path.join(os.environ["LOGS"], "app.log.1")
    with open(path, "wb") as log:
        log.write(bytes(30 * MEBIBYTE))
    week = 8 * 86_400
    os.utime(path, (time.time() - week, time.time() - week))


TROUBLES = {trouble.__name__: trouble for trouble in (errors, stuck, memory, cpu, connections, packets, disk)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/metrics":
            return self.answer("200", metrics())
        code = "500" if "errors" in going_on else "200"
        answered[code] += 1
        self.answer(code, "")

    def do_POST(self):
        name = self.path.removeprefix("/trouble/")
        if name not in TROUBLES:
            return self.answer("404", f"no such trouble; there are: {', '.join(TROUBLES)}\n")
        going_on.add(name)
        TROUBLES[name]()
        self.answer("200", f"{name}\n")

    def answer(self, code, text):
        self.send_response(int(code))
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """A line for each visitor helps nobody."""


def metrics():
    requests = (f'shop_http_requests_total{{code="{code}"}} {count}\n' for code, count in answered.items())
    return "".join(requests) + f"shop_orders_stuck {int('stuck' in going_on)}\n"


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
