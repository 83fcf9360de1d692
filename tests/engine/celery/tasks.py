"""Short tasks that write down each time they are done, and by whom. `python3 tasks.py 2000` puts so many into the queue."""

import socket
import sys
import time

import redis
from celery import Celery

app = Celery("tasks", broker="redis://redis:6379/0")
app.conf.update(
    # A worker may be started before Redis is.
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    # What a worker has taken and not done belongs to the others again when it ends; and it takes no more than it is at.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
)
book = redis.Redis("redis", db=1)


@app.task(bind=True)
def work(self):
    time.sleep(0.02)
    with book.pipeline() as writing:
        writing.rpush("done", self.request.id)
        writing.sadd("by", socket.gethostname())
        writing.execute()


if __name__ == "__main__":
    with app.producer_or_acquire() as producer:
        for _ in range(int(sys.argv[1])):
            work.apply_async(producer=producer)
