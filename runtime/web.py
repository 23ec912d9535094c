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
# A leak, should there be one, ends with its process. Not sooner: a new one takes over a second to start, and
# answers kept in memory are given by the thousand a second.
max_requests = 200_000
max_requests_jitter = 50_000
control_socket_disable = True
accesslog = None
errorlog = "-"
