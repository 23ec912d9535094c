"""Pages as of a past day and of simulated figures: true, marked, and never left by a link that forgot."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboards import lens
from dashboards.carrying import carried
from dashboards.lens import Lens, UnreadableLens
from indicators.models import (
    Aggregate,
    Contradiction,
    IndexScore,
    Indicator,
    Observation,
    Publication,
    Standing,
    Target,
)
from indicators.services.past_tables import tables_as_of
from indicators.services.publishing import publish
from indicators.services.recomputing import drain_pending
from indicators.services.reference.applying import mark_out_of_date
from provinces.models import Region
from tests.cast import Cast, committed, known_since, make_cast, make_fact, make_source, state

COMPARISON = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63"
COMPUTED = (Aggregate, Standing, IndexScore, Contradiction)


@pytest.mark.parametrize("text", ["2026-11-01", "1/11/2026", "01/11/2026"])
def test_a_day_is_read_as_fields_and_people_write_it(text: str) -> None:
    assert lens.read(text, "").day == date(2026, 11, 1)


def test_today_is_now_and_tomorrow_is_no_day_to_look_at() -> None:
    today = timezone.localdate()
    assert lens.read(today.isoformat(), "") == Lens()
    for day in ((today + timedelta(1)).isoformat(), "2026-02-30", "yesterday", "2026-13-01"):
        with pytest.raises(UnreadableLens):
            lens.read(day, "")
    with pytest.raises(UnreadableLens):
        lens.read("", "half")


@pytest.mark.parametrize(
    ("tag", "carried_tag"),
    [
        ('<a href="/tinh/">', '<a href="/tinh/?ngay=2026-11-01&amp;so-lieu=mo-phong">'),
        ('<a href="?a=1&amp;b=2#c">', '<a href="?a=1&amp;b=2&amp;ngay=2026-11-01&amp;so-lieu=mo-phong#c">'),
        ('<a href="?ngay=2026-10-01">', '<a href="?ngay=2026-10-01&amp;so-lieu=mo-phong">'),
        ('<a href="/x/" data-leaves>', '<a href="/x/" data-leaves>'),
        ('<a href="#noi-dung">', '<a href="#noi-dung">'),
        ('<a href="https://dti.gov.vn/">', '<a href="https://dti.gov.vn/">'),
        ('<a class="b" href="/quan-tri/">', '<a class="b" href="/quan-tri/">'),
        ('<link rel="icon" href="/static/a.svg">', '<link rel="icon" href="/static/a.svg">'),
        (
            '<a href="/api/v1/observations/?indicator=a">',
            '<a href="/api/v1/observations/?indicator=a&amp;as_of=2026-11-01&amp;simulated=true">',
        ),
        ('<a href="/api/v1/sources/">', '<a href="/api/v1/sources/">'),
        (
            '<div data-address="/ban-do/?ky=2023">',
            '<div data-address="/ban-do/?ky=2023&amp;ngay=2026-11-01&amp;so-lieu=mo-phong">',
        ),
        (
            '<form method="get">',
            '<form method="get"><input type="hidden" name="ngay" value="2026-11-01">'
            '<input type="hidden" name="so-lieu" value="mo-phong">',
        ),
        ('<form method="post">', '<form method="post">'),
        ("<table>", "!<table>"),
    ],
)
def test_links_and_forms_carry_the_lens(tag: str, carried_tag: str) -> None:
    assert carried(tag, Lens(date(2026, 11, 1), True), "!") == carried_tag
    assert carried(tag, Lens()) == tag


def publish_at(moment: datetime) -> None:
    """Moves the newest act, and what it recorded and ended, to ``moment``."""
    act = Publication.objects.order_by("-id")[0]
    with_trigger_off = "ALTER TABLE indicators_observation {} TRIGGER USER"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(with_trigger_off.format("DISABLE"))
        new = Observation.objects.filter(publication=act)
        Observation.objects.filter(superseded_by__in=new).update(superseded_at=moment)
        new.update(recorded_at=moment)
        cursor.execute(with_trigger_off.format("ENABLE"))
    Publication.objects.filter(pk=act.pk).update(instant=moment)


@pytest.fixture
def cast(db: None) -> Cast:
    """Published on 1 March: three provinces. On 5 March: a correction of one of them, and a fourth."""
    cast = make_cast()
    facts = [
        make_fact(cast, province, cast.on_time, "2023", value)
        for province, value in ((cast.ha_giang, "90"), (cast.cao_bang, "70"), (cast.dien_bien, "80"))
    ]
    publish(facts=facts, cause="reference")
    publish_at(timezone.make_aware(datetime(2026, 3, 1, 9)))
    facts = [
        make_fact(cast, cast.cao_bang, cast.on_time, "2023", "95"),
        make_fact(cast, cast.old_tuyen_quang, cast.on_time, "2023", "60"),
    ]
    publish(facts=facts, cause="correction", reason="gõ nhầm")
    publish_at(timezone.make_aware(datetime(2026, 3, 5, 9)))
    known_since(timezone.make_aware(datetime(2026, 2, 28)))
    drain_pending(cause="test")
    return cast


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def rows_of(html: str) -> list[str]:
    return [
        " ".join(re.sub("<.*?>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    ]


def test_a_page_answers_as_it_did_on_that_day(client: Client, cast: Cast) -> None:
    now, then = text_of(client, COMPARISON), text_of(client, f"{COMPARISON}&ngay=2026-03-04")
    assert "Cao Bằng đứng đầu với 95\u00a0%" in now and "4/4" in now
    assert "Hà Giang đứng đầu với 90\u00a0%" in then and "Tính đến ngày 04/03/2026" in then
    assert any("Cao Bằng" in row and "70 %" in row for row in rows_of(then))
    assert "Tính đến ngày 04/03/2026" not in now


def test_cards_targets_and_provinces_are_of_that_day_too(client: Client, cast: Cast) -> None:
    Target.objects.create(
        province=cast.cao_bang, indicator=cast.on_time, due=date(2023, 12, 31), operator="at_least",
        value=Decimal(90), source=cast.report, basis_vi="Kế hoạch", basis_en="Plan",
    )  # fmt: skip
    known_since(timezone.make_aware(datetime(2026, 2, 28)))
    assert "1 đạt" in text_of(client, "/muc-tieu/")
    assert "1 chưa đạt" in text_of(client, "/muc-tieu/?ngay=2026-03-04")
    old = Observation.objects.get(province=cast.cao_bang, value=70)
    card = text_of(client, f"/so-lieu/{old.pk}/?ngay=2026-03-04")
    assert "gõ nhầm" not in card and "đã được thay" not in card
    new = Observation.objects.get(province=cast.cao_bang, value=95)
    assert client.get(f"/so-lieu/{new.pk}/?ngay=2026-03-04").status_code == 404
    assert "70\u00a0%" in text_of(client, "/tinh/cao-bang/?ngay=2026-03-04")


def test_definitions_are_of_that_day_too(client: Client, cast: Cast) -> None:
    before = text_of(client, f"{COMPARISON}&ngay=2026-03-06")
    page = "/chi-tieu/dossiers-on-time-rate/"
    Indicator.objects.filter(pk=cast.on_time.pk).update(
        direction="lower", name_vi="Tên mới", definition_vi="Định nghĩa mới", unit_vi="‰"
    )
    Region.objects.update(name_vi="Vùng mới")
    mark_out_of_date(None)
    drain_pending(cause="test")
    committed()
    now = text_of(client, COMPARISON)
    assert "Tên mới" in now and "Vùng mới" in now and "Tuyên Quang đứng đầu" in now
    then = text_of(client, f"{COMPARISON}&ngay=2026-03-06")
    assert then == before and "Cao Bằng đứng đầu với 95\u00a0%" in then
    assert "Định nghĩa mới" in text_of(client, page)
    past = text_of(client, f"{page}?ngay=2026-03-06")
    assert not any(text in past for text in ("Tên mới", "Định nghĩa mới", "‰", "Vùng mới"))
    assert "Vùng mới" in text_of(client, COMPARISON), "nothing of it stays"


def test_every_link_of_such_a_page_keeps_the_day(client: Client, cast: Cast) -> None:
    for address in (
        f"{COMPARISON}&ngay=2026-03-04",
        "/tinh/cao-bang/?ngay=2026-03-04",
        "/nguon/?ngay=2026-03-04",
    ):
        html = text_of(client, address)
        forgotten = [
            tag
            for tag in re.findall(r"<a [^>]*>", html)
            if "2026-03-04" not in tag
            and not re.search(
                r'data-leaves|href="#|href="/api/v1/(sources|")|aria-disabled|href="/api/v1/docs/"', tag
            )
        ]
        assert forgotten == []


def test_before_anything_was_published_a_page_says_since_when_there_is_something(
    client: Client, cast: Cast
) -> None:
    html = text_of(client, f"{COMPARISON}&ngay=2026-02-01")
    assert "Đến ngày 01/02/2026 chưa công bố số liệu nào" in html and "01/03/2026" in html
    assert "2999" in text_of(client, f"{COMPARISON}&ngay=2999-01-01", status=400)


def test_the_tables_of_now_are_those_that_the_pages_read_without_a_day(cast: Cast) -> None:
    """Asked as of this instant, the past tables hold what the real ones hold."""
    state(
        cast, cast.dien_bien, cast.on_time, "2022", "7", numerator=Decimal(13483), denominator=Decimal(175439)
    )
    drain_pending(cause="test")

    def content() -> list[object]:
        skipped = {"id", "computed_at", "detected_at"}
        found: list[object] = [list(Observation.objects.current().order_by("id").values())]
        for model in COMPUTED:
            names = [field.attname for field in model._meta.concrete_fields if field.attname not in skipped]
            found.append(sorted(map(str, model._default_manager.values(*names))))
        return found

    real = content()
    with tables_as_of(timezone.now(), simulated=False):
        past = content()
    assert past == real and Contradiction.objects.count() == 1
    assert content() == real, "nothing of it stays"


def make_simulated(cast: Cast) -> None:
    source = make_source("made-up", "Nguồn mô phỏng", simulated=True)
    for province, value in ((cast.ha_giang, "11"), (cast.cao_bang, "22"), (cast.dien_bien, "33")):
        state(cast, province, cast.on_time, "2023", value, source=source)
    drain_pending(cause="test")


def test_simulated_figures_have_pages_of_their_own(client: Client, cast: Cast) -> None:
    assert "mo-phong" not in text_of(client, COMPARISON), "no switch where there is nothing to switch to"
    assert client.get(f"{COMPARISON}&so-lieu=mo-phong").status_code == 404
    make_simulated(cast)
    real, simulated = text_of(client, COMPARISON), text_of(client, f"{COMPARISON}&so-lieu=mo-phong")
    assert "so-lieu=mo-phong" in real and "33\u00a0%" not in real
    assert "Điện Biên đứng đầu với 33\u00a0%" in simulated and "95\u00a0%" not in simulated
    assert "Số liệu mô phỏng." in simulated and 'data-mark="MÔ PHỎNG"' in simulated
    assert simulated.count('class="mark"') == simulated.count("<table") > 0
    assert "simulated=true" in simulated and "simulated=true" not in real
    assert client.get(f"{COMPARISON}&so-lieu=half").status_code == 400


def test_a_past_day_costs_few_queries_more(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(f"{COMPARISON}&ngay=2026-03-03")
    with django_assert_max_num_queries(40):
        assert client.get(f"{COMPARISON}&ngay=2026-03-04").status_code == 200
