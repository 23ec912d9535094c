"""One supervisor for each checkout: a lock that ends with its holder, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from runtime.errors import StartError
from runtime.places import VAR


@contextmanager
def only_one(name: str, what: str) -> Iterator[None]:
    """Holds var/run/NAME.lock; an error that names the holder's process when another one has it."""
    path = VAR / "run" / f"{name}.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip()
            raise StartError(f"{what} from this folder already (process {holder}).") from error
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
