"""`make clean-data`: removes the embedded database and what belongs to it, wherever it lies."""

import shutil

from runtime.lock import only_one
from runtime.places import VAR, make_var, state_of_root_if_any
from runtime.postgres import end_abandoned_server


def remove_data() -> list[str]:
    """Removes data, administrator's password and what remembers them; returns what was removed.

    An error while the system or the tests run from this checkout.
    """
    make_var()
    outside = state_of_root_if_any()
    with only_one("supervisor", "Tỉnh Số runs"), only_one("test", "The tests run"):
        servers = [folder / name for folder in (VAR, outside) for name in ("postgres", "postgres-test")]
        for data in servers:
            end_abandoned_server(data)
        kept = [VAR / "admin-password", VAR / "run" / "prepared.json"]
        found = [path for path in (*servers, outside, *kept) if path.exists()]
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return [str(path) for path in found]
