"""Kept pages: one query each, never older than the data, never another reader's."""

from contextlib import closing

import brotli
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboards import caching
from dashboards.caching import generation
from indicators.models import Indicator
from indicators.services.recomputing import _recompute_next, drain_pending
from tests.cast import Cast, make_cast, state

pytestmark = pytest.mark.django_db
ADDRESS = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    for province, value in ((cast.ha_giang, "92.3"), (cast.cao_bang, "70")):
        state(cast, province, cast.on_time, "2023", value)
    drain_pending(cause="test")
    return cast


def test_a_second_view_asks_only_for_the_generation(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get(ADDRESS)
    with django_assert_num_queries(1):
        second = client.get(ADDRESS)
    assert second.content == first.content
    assert second.headers == first.headers and "sha256-" in second.headers["Content-Security-Policy"]


def test_a_recomputation_makes_pages_new(client: Client, cast: Cast) -> None:
    assert "Điện Biên đứng đầu" not in client.get(ADDRESS).content.decode()
    state(cast, cast.dien_bien, cast.on_time, "2023", "95")
    drain_pending(cause="test")
    assert "Điện Biên đứng đầu" in client.get(ADDRESS).content.decode()


def test_each_step_of_a_recomputation_is_a_generation(cast: Cast) -> None:
    state(cast, cast.dien_bien, cast.on_time, "2023", "95")
    seen = [generation()]
    while _recompute_next() is not None:
        seen.append(generation())
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.django_db(transaction=True)  # a change is marked once a transaction
def test_a_change_of_reference_data_makes_pages_new(client: Client, cast: Cast) -> None:
    client.get(ADDRESS)
    Indicator.objects.filter(code="dossiers-on-time-rate").update(name_vi="Tên khác hẳn")
    assert "Tên khác hẳn" in client.get(ADDRESS).content.decode()


def test_who_asks_for_the_head_is_told_what_the_page_would_come_with(client: Client, cast: Cast) -> None:
    before, page, after = client.head(ADDRESS), client.get(ADDRESS), client.head(ADDRESS)
    assert before.headers == page.headers == after.headers and "ETag" in page.headers
    assert before.content == after.content == b"" != page.content


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_made_anew(client: Client, cast: Cast) -> None:
    """As when PostgreSQL starts again between two readers."""
    first = client.get(ADDRESS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [cut] = cursor.fetchone()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [cut])
        assert cursor.fetchone() == (True,)
    second = client.get(ADDRESS)
    assert (second.status_code, second.content) == (200, first.content)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (cut,)


def test_tables_are_remembered_by_their_rows_and_forgotten_before_there_are_too_many() -> None:
    memory = caching._Memory(10, weigh=lambda table: 1 + len(table))
    memory.put("now", ("a",), [1, 2, 3])
    memory.put("now", ("b",), [1, 2, 3, 4])
    assert set(memory.kept) == {("a",), ("b",)}
    memory.put("now", ("c",), [1])
    assert set(memory.kept) == {("c",)}
    memory.put("later", ("d",), [])
    assert set(memory.kept) == {("d",)} and memory.weight == 1


def test_language_looks_and_address_have_pages_of_their_own(client: Client, cast: Cast) -> None:
    plain = client.get(ADDRESS).content
    client.cookies["theme"] = "dark"
    dark = client.get(ADDRESS).content.decode()
    client.cookies["django_language"] = "en"
    english = client.get(ADDRESS).content.decode()
    assert plain != dark.encode() and "theme-dark" in dark
    assert 'lang="en"' in english and "theme-dark" in english
    assert "cao-bang" in client.get(f"{ADDRESS}&tinh=cao-bang").content.decode()
    client.cookies.clear()
    assert client.get(ADDRESS).content == plain


def test_a_copy_that_is_still_true_is_not_sent_again(client: Client, cast: Cast) -> None:
    etag = client.get(ADDRESS).headers["ETag"]
    assert (again := client.get(ADDRESS, headers={"if-none-match": etag})).status_code == 304
    assert again.content == b"" and again.headers["ETag"] == etag
    state(cast, cast.dien_bien, cast.on_time, "2023", "95")
    drain_pending(cause="test")
    assert client.get(ADDRESS, headers={"if-none-match": etag}).status_code == 200


def test_pages_travel_compressed_where_the_browser_can(client: Client, cast: Cast) -> None:
    plain = client.get(ADDRESS).content
    packed = client.get(ADDRESS, headers={"accept-encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "br" and brotli.decompress(packed.content) == plain
    assert len(packed.content) < len(plain) / 3
    assert {"Cookie", "Accept-Encoding"} <= set(packed.headers["Vary"].split(", "))


def test_whoever_has_a_session_sees_pages_fresh(client: Client, cast: Cast) -> None:
    client.get(ADDRESS)
    client.force_login(User.objects.create_user("an"))
    response = client.get(ADDRESS)
    assert "ETag" not in response.headers and "Content-Encoding" not in response.headers


def test_only_pages_of_somebody_are_kept_from_who_opened_them(client: Client, cast: Cast) -> None:
    policy = "Cross-Origin-Opener-Policy"
    assert all(policy not in client.get(ADDRESS).headers for _ in range(2))
    client.force_login(User.objects.create_user("an"))
    assert client.get(ADDRESS).headers[policy] == "same-origin"


def test_what_went_wrong_is_not_kept(client: Client, cast: Cast) -> None:
    assert "ETag" not in client.get("/so-sanh/?chi-tieu=nothing").headers
