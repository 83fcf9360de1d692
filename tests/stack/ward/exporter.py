"""What postgres_exporter, celery-exporter and blackbox_exporter say, under the names they say it by, of the real things."""

import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg2
from kombu.exceptions import OperationalError
from tasks import app

# A worker counts as gone when it has not answered for so long: on a busy machine its answers come late now and then.
WORKER_TIMEOUT = 20
# Queue and worker -> when it last answered.
answered = {}


def ask_workers():
    """Asks again and again who works on what: the answer takes its time, longer than a scrape may."""
    while True:
        try:
            told = app.control.inspect(timeout=1).active_queues() or {}
        except OperationalError:
            told = {}  # Redis is not there yet.
            time.sleep(1)
        for worker, queues in told.items():
            for queue in queues:
                answered[queue["name"], worker] = time.monotonic()


def workers_on(name):
    since = time.monotonic() - WORKER_TIMEOUT
    return sum(queue == name and at > since for (queue, _), at in list(answered.items()))


def database(_):
    with psycopg2.connect(os.environ["DATABASE"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname, state, count(*) FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY 1, 2")
        rows = cursor.fetchall()
    connection.close()
    for name, state, count in rows:
        yield f'pg_stat_activity_count{{datname="{name}",state="{state}"}} {count}'


def queue(query):
    name = query["name"][0]
    with app.connection_for_read() as connection:
        yield f'celery_queue_length{{queue_name="{name}"}} {connection.default_channel.client.llen(name)}'
    yield f'celery_active_worker_count{{queue_name="{name}"}} {workers_on(name)}'


def probe(query):
    try:
        with urllib.request.urlopen(query["target"][0], timeout=9):
            yield "probe_success 1"
    except OSError:
        yield "probe_success 0"


EXPORTS = {"/database": database, "/queue": queue, "/probe": probe}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlsplit(self.path)
        text = "\n".join(EXPORTS[address.path](parse_qs(address.query))) + "\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """A line for each scrape helps nobody."""


if __name__ == "__main__":
    threading.Thread(target=ask_workers, daemon=True).start()
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
