"""How gunicorn serves the portal, in production and in the demo (which overrides address and size)."""

import os
from pathlib import Path

bind = "0.0.0.0:8000"  # inside a container, whose port docker-compose.yml publishes
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))

timeout = 60  # a worker that says nothing for so long is replaced
graceful_timeout = 25  # requests may finish; below the stop_grace_period of docker-compose.yml
keepalive = 5
max_requests, max_requests_jitter = 5000, 500  # a slow leak never grows old

# The heartbeat file in memory: a slow disk must not look like a hanging worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 -- gunicorn makes a private file
control_socket_disable = True  # it would be written below a home directory that the container does not have
