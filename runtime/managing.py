"""`manage.py` on the database of this checkout, with the environment that its processes are given."""

import os
import subprocess

from runtime.commands import with_this_python
from runtime.environment import environment_for_processes
from runtime.errors import StartError
from runtime.places import CHECKOUT, make_var, server_places
from runtime.postgres import EmbeddedServer
from runtime.servers import check_postgresql


def manage(arguments: list[str]) -> int:
    """The command's exit code. The embedded server must run: it lives and ends with `make run`."""
    make_var()
    given = os.environ.get("DATABASE_URL")
    url = given or EmbeddedServer(server_places("postgres")).url
    try:
        check_postgresql(url)
    except StartError as error:
        if given:
            raise
        raise StartError("The system does not run: start it with `make run`, then try again.") from error
    environment = environment_for_processes(dict(os.environ), database_url=url)
    command = with_this_python(("manage.py", *arguments))
    return subprocess.run(command, cwd=CHECKOUT, env=environment).returncode
