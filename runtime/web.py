"""gunicorn's settings, by its names; the same for `make run` and docker-compose.yml.

Threads, because a request spends much of its time waiting for PostgreSQL; two processes, because Python
computes on one core in each.
"""

import os

from runtime.environment import address_from

bind = address_from(dict(os.environ)).bind
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 10
keepalive = 5
limit_request_line = 8190  # the longest that gunicorn can count; behind it comes its own page, not ours
max_requests = 10_000  # a leak, should there be one, ends with its process
max_requests_jitter = 1_000
control_socket_disable = True
accesslog = None
errorlog = "-"
