"""What a merged province sees beside its cells: its predecessors' figures, and whether they can be added."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.core.restatement import Content
from indicators.models import SeriesBreak
from reporting.core.merged import Figure, Together, together
from reporting.services.checking import check_submission, entries_of
from reporting.services.opening import open_submission
from tests.cast import state
from tests.reporting.cast import QUARTER, Play, cell, make_play, opened, person, save

RATIO = Figure(Decimal(80), Decimal(80), Decimal(100)), Figure(Decimal(50), Decimal(100), Decimal(200))


@pytest.mark.parametrize(
    ("content", "figures", "expected"),
    [
        (Content.COUNT, [Figure(Decimal(3)), Figure(Decimal(4))], (Together.SUM, Decimal(7))),
        (Content.COUNT, [Figure(Decimal(3)), None], (Together.INCOMPLETE, None)),
        (Content.RATIO, RATIO, (Together.RECOMPUTED, Decimal("60.00"))),
        (Content.RATIO, [RATIO[0], Figure(Decimal(9))], (Together.COUNTS_MISSING, None)),
        (Content.OTHER, [Figure(Decimal(3)), Figure(Decimal(4))], (Together.NOT_ADDABLE, None)),
        (Content.COUNT, [], (Together.INCOMPLETE, None)),
    ],
)
def test_together(content: Content, figures: list[Figure | None], expected: tuple[Together, Decimal]) -> None:
    found = together(content, figures)
    assert (found.how, found.value) == expected


def test_a_divided_province_is_not_added_and_doubt_stays_doubt() -> None:
    assert together(Content.COUNT, [Figure(Decimal(3))], divided=True).how is Together.DIVIDED
    assert not together(Content.COUNT, [Figure(Decimal(3), exact=False)]).exact


@pytest.fixture
def play() -> Play:
    return make_play()


@pytest.mark.django_db
def test_the_form_of_a_merged_province_names_its_predecessors(play: Play) -> None:
    cast = play.cast
    for province, received, rate in ((cast.ha_giang, "100", "80"), (cast.old_tuyen_quang, "50", "90")):
        state(cast, province, cast.received, "2025-Q2", received)
        state(cast, province, play.satisfaction, "2025-Q2", rate)
    state(cast, cast.ha_giang, cast.on_time, "2025-Q2", "90", numerator="90", denominator="100")
    state(cast, cast.old_tuyen_quang, cast.on_time, "2025-Q2", "50", numerator="10", denominator="20")
    state(cast, cast.ha_giang, play.documents, "2024-YTD-09", "7")
    staff = person("merged", "Ma Thị Bích", cast.tuyen_quang)
    ask = {"form": play.form, "province": cast.tuyen_quang, "period": QUARTER, "actor": staff}
    submission = open_submission(**ask)
    client = Client()
    client.force_login(staff)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("reporting:form", args=[submission.pk]))
    assert len(queries) <= 12
    rows = {row.entry.line.indicator.code: row for _name, rows in page.context["sections"] for row in rows
            if not row.detail}  # fmt: skip
    names = ["Hà Giang (cũ):\u00a0", "Tuyên Quang (cũ):\u00a0"]
    assert rows["dossiers-received"].previous == [names[0] + "100", names[1] + "50", "cộng lại: 150"]
    assert rows["satisfaction-rate"].previous[-1] == "không cộng được"
    counted = "gộp lại, tính từ tử số và mẫu số: 83,33"
    assert rows["dossiers-on-time-rate"].previous == [names[0] + "90", names[1] + "50", counted]
    assert rows["edocs-exchanged"].year_before == [
        names[0] + "7", names[1] + "–", "không cộng: chưa đủ số liệu"
    ]  # fmt: skip
    assert rows["satisfaction-rate"].year_before == ["–"]
    assert "cộng lại: 150" in page.content.decode()


@pytest.mark.django_db
def test_the_reviewer_sees_the_difference_to_all_predecessors_together(play: Play) -> None:
    cast = play.cast
    for province in (cast.ha_giang, cast.old_tuyen_quang):
        state(cast, province, cast.received, "2025-Q2", "100")
    staff = person("merged", "Ma Thị Bích", cast.tuyen_quang)
    ask = {"form": play.form, "province": cast.tuyen_quang, "period": QUARTER, "actor": staff}
    submission = open_submission(**ask)
    save(cell(submission, cast.received), staff, "250")
    (one,) = [
        one
        for one in check_submission(submission, entries_of(submission))
        if one.entry.line.indicator == cast.received and one.entry.line.category is None
    ]
    assert one.background.compared is not None and one.background.compared.value == 200


@pytest.mark.django_db
def test_a_break_in_the_series_ends_what_is_usual(play: Play) -> None:
    for year in range(2021, 2025):
        for quarter in (1, 2, 3, 4):
            state(play.cast, play.province, play.satisfaction, f"{year}-Q{quarter}", "90")
    submission = opened(play)
    save(cell(submission, play.satisfaction), play.staff, "20")

    def found() -> list[str]:
        checked = check_submission(submission, entries_of(submission))
        return [finding.code for one in checked for finding in one.warnings]

    assert found() == ["jump_against_series"]
    SeriesBreak.objects.create(
        indicator=play.satisfaction, date="2025-07-01", reason_vi="Cách tính mới", reason_en="New method"
    )
    assert found() == []


@pytest.mark.django_db
def test_year_to_date_is_checked_against_what_is_published(play: Play) -> None:
    state(play.cast, play.province, play.documents, "2025-H1", "5000")
    submission = opened(play)
    save(cell(submission, play.documents), play.staff, "4.000")
    checked = check_submission(submission, entries_of(submission))
    assert [f.code for one in checked for f in one.warnings] == ["year_to_date_falls"]
    save(cell(submission, play.documents), play.staff, "8.000")
    for quarter, number in (("Q1", "2000"), ("Q2", "3000"), ("Q3", "1000")):
        state(play.cast, play.province, play.documents, f"2025-{quarter}", number)
    checked = check_submission(submission, entries_of(submission))
    assert [f.code for one in checked for f in one.warnings] == ["year_to_date_against_quarters"]
