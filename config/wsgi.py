"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = get_wsgi_application()

from api.front import FrontDoor  # noqa: E402 - it has settings only now

application = FrontDoor(_django)
