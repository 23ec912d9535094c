"""Folders, and whether the account of the server reaches them."""

import os
import shutil
from pathlib import Path

import pytest

from runtime import places
from runtime.accounts import Account, account_of, can_reach, may_pass, server_account
from runtime.errors import StartError
from runtime.places import make_private_folder, short_hash

OWNER = Account("owner", uid=1000, gid=1000)
MEMBER = Account("member", uid=1001, gid=1000)
STRANGER = Account("stranger", uid=1002, gid=1002)
ROOT = Account("root", uid=0, gid=0)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")


@pytest.mark.parametrize(
    ("mode", "owner", "member", "stranger"),
    [
        (0o700, True, False, False),
        (0o750, True, True, False),
        (0o711, True, True, True),
        (0o744, True, False, False),  # readable is not enough to go through
        (0o077, False, True, True),  # the owner's own bits count for the owner, and no others
        (0o701, True, False, True),
    ],
)
def test_mode_bits_count_for_owner_group_and_others(
    mode: int, owner: bool, member: bool, stranger: bool
) -> None:
    passes = [may_pass(mode, 1000, 1000, account) for account in (OWNER, MEMBER, STRANGER, ROOT)]
    assert passes == [owner, member, stranger, True]


def test_one_closed_folder_on_the_way_is_enough(tmp_path: Path) -> None:
    inner = tmp_path / "home of a person" / "clone" / "var"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent, inner.parent.parent):
        folder.chmod(0o755)
    closed = [folder for folder in inner.parents if not may_pass_for_all(folder)]
    assert can_reach(inner, STRANGER) is (not closed)
    inner.parent.parent.chmod(0o700)
    assert not can_reach(inner, STRANGER)


def may_pass_for_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o001)


def test_the_hash_of_a_path_is_short_and_its_own() -> None:
    hashes = {short_hash(Path(path)) for path in ("/a", "/a b", "/a/b", "/srv/main")}
    assert len(hashes) == 4
    assert all(len(text) == 10 for text in hashes)


def test_a_socket_folder_fits_into_a_socket_address(checkout: Path) -> None:
    sockets = places.server_places("postgres").sockets
    assert len(str(sockets / ".s.PGSQL.5432")) < 90  # macOS allows 103 bytes, Linux 107


def test_a_private_folder_is_made_and_found_again(tmp_path: Path) -> None:
    folder, me = tmp_path / "sockets", account_of(os.geteuid())
    make_private_folder(folder, me)
    make_private_folder(folder, me)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_enter_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "sockets"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(StartError, match="remove it"):
        make_private_folder(folder, account_of(os.geteuid()))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartError, match="remove it"):
        make_private_folder(tmp_path / "sockets", account_of(os.geteuid()))


@as_root
def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "sockets"
    folder.mkdir(mode=0o700)
    os.chown(folder, STRANGER.uid, STRANGER.gid)
    with pytest.raises(StartError, match="remove it"):
        make_private_folder(folder, MEMBER)


@as_root
def test_root_lends_the_server_an_account_or_takes_the_one_that_owns_the_data(tmp_path: Path) -> None:
    assert server_account(tmp_path / "not there yet").uid != 0
    data = tmp_path / "postgres"
    data.mkdir()
    os.chown(data, STRANGER.uid, STRANGER.gid)
    assert server_account(data).uid == STRANGER.uid


@as_root
def test_below_a_closed_folder_the_data_lies_elsewhere_and_no_permission_changes(checkout: Path) -> None:
    checkout.chmod(0o700)
    before = {folder: folder.stat().st_mode for folder in (checkout, *checkout.parents)}
    found = places.server_places("postgres")
    assert found.data.parent == places.state_of_root_if_any()
    assert {folder: folder.stat().st_mode for folder in before} == before
    assert places.server_places("postgres") == found

    shutil.rmtree(checkout / "var")  # the same place, cloned again
    places.make_var()
    anew = places.server_places("postgres")
    assert anew.data != found.data and not found.data.parent.exists()


@as_root
def test_a_database_that_can_no_longer_be_reached_is_not_replaced_by_an_empty_one(checkout: Path) -> None:
    data = checkout / "var" / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    os.chown(data, STRANGER.uid, STRANGER.gid)
    checkout.chmod(0o700)
    with pytest.raises(StartError, match="can no longer reach it"):
        places.server_places("postgres")
