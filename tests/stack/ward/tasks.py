"""Two queues of Celery on Redis, each with a worker of its own. `python3 tasks.py mails 1500` fills one."""

import sys
import time

from celery import Celery

app = Celery("tasks", broker="redis://queue:6379/0")
# A worker may be started before Redis is.
app.conf.broker_connection_retry_on_startup = True


@app.task(ignore_result=True)
def work():
    time.sleep(1)


if __name__ == "__main__":
    name, count = sys.argv[1:]
    for _ in range(int(count)):
        work.apply_async(queue=name)
