"""The screen of the import: who may enter, what is shown, what is written and when."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.models import Observation
from reporting.importing import batches, jobs
from reporting.importing.batches import ImportRefused, confirm
from reporting.models import AuditRecord, ImportBatch, ImportFile, ImportJob
from reporting.urls import urlpatterns
from tests.cast import state
from tests.reporting.cast import Play, make_play, person
from tests.reporting.importing.files import GOOD, csv, workbook

pytestmark = pytest.mark.django_db
SOURCE = "ha-giang-2021"


@pytest.fixture
def play() -> Play:
    return make_play()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, data: bytes, source: str = SOURCE):
    file = SimpleUploadedFile("quý I.xlsx", data)
    return client.post(reverse("reporting:imports"), {"file": file, "source": source})


def confirmed(client: Client, batch: ImportBatch, seen: dict[str, int] | None = None):
    """Press the button of the preview as it stands, or as it stood when it was ``seen``."""
    counts = seen or client.get(reverse("reporting:import", args=[batch.pk])).context["counts"]
    return client.post(reverse("reporting:import-decide", args=[batch.pk]), counts)


def test_from_the_file_to_the_published_figure(play: Play) -> None:
    client = as_(play.reviewer)
    answer = upload(client, workbook(GOOD, ["cao-bang", *GOOD[1:]]))
    batch = ImportBatch.objects.get()
    assert answer.url == reverse("reporting:import", args=[batch.pk])
    page = client.get(answer.url).content.decode()
    assert "cao-bang" in page and not Observation.objects.exists()
    confirmed(client, batch)
    batch.refresh_from_db()
    assert batch.state == "loaded" and batch.decided_by == play.reviewer and not ImportFile.objects.exists()
    assert set(Observation.objects.values_list("publication", flat=True)) == {batch.publication_id}
    assert batch.publication.actor == play.reviewer
    assert "92,3" not in client.get(answer.url).content.decode()
    assert AuditRecord.objects.filter(table="reporting_importbatch", actor_name="reviewer").count() >= 2


def test_a_changed_figure_is_shown_with_what_stands_there(play: Play) -> None:
    state(play.cast, play.cast.ha_giang, play.cast.on_time, "2021-Q1", "77.7", as_stated="77,7%")
    client = as_(play.administrator)
    page = client.get(upload(client, csv(GOOD)).url).content.decode()
    assert "77,7%" in page and "92,3" in page


@pytest.mark.parametrize("role", ["nobody", "reader", "staff", "leader"])
def test_others_neither_see_nor_write(play: Play, role: str) -> None:
    batch = batches.upload(name="x.csv", content=csv(GOOD), source=SOURCE, actor=play.reviewer)
    counts = {"new": 1, "changed": 0, "same": 0}
    client = Client()
    if role != "nobody":
        client.force_login(person("reader", "Không vai trò") if role == "reader" else getattr(play, role))
    expected = 302 if role == "nobody" else 403
    named = {path.name for path in urlpatterns if path.name.startswith("import")}
    read = ("import", "import-refused", "import-progress")
    written = ("import-columns", "import-decide", "import-again")
    assert named == {"imports", *read, *written}
    for name in read:
        assert client.get(reverse(f"reporting:{name}", args=[batch.pk])).status_code == expected
    for name in written:
        assert client.post(reverse(f"reporting:{name}", args=[batch.pk]), counts).status_code == expected
    assert client.get(reverse("reporting:imports")).status_code == expected
    assert upload(client, csv(GOOD)).status_code == expected
    assert ImportBatch.objects.count() == 1 and not Observation.objects.exists()


def test_refused_rows_are_shown_and_downloaded_and_keep_all_out(play: Play) -> None:
    client = as_(play.reviewer)
    answer = upload(client, csv(GOOD, ["Hà Lội", *GOOD[1:]]))
    assert "Hà Lội" in client.get(answer.url).content.decode()
    batch = ImportBatch.objects.get()
    file = client.get(reverse("reporting:import-refused", args=[batch.pk]))
    assert file.content[:2] == b"PK" and "attachment" in file["Content-Disposition"]
    confirmed(client, batch)
    assert not Observation.objects.exists() and ImportBatch.objects.get().state == "open"


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence_and_not_kept(play: Play) -> None:
    answer = upload(as_(play.reviewer), b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert answer.status_code == 400 and ".xls" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert as_(play.reviewer).post(reverse("reporting:imports")).status_code == 400


def test_columns_can_be_told(play: Play) -> None:
    client = as_(play.reviewer)
    data = csv(["ha-giang", "dossiers-on-time-rate", "5"], headings=["Tỉnh", "Chỉ tiêu", "Năm 2021 (%)"])
    answer = upload(client, data, source="")
    assert "Năm 2021 (%)" in client.get(answer.url).content.decode()
    batch = ImportBatch.objects.get()
    told = {"column-value": "Năm 2021 (%)", "constant-period": "2021", "constant-source": SOURCE}
    client.post(reverse("reporting:import-columns", args=[batch.pk]), told)
    client.get(answer.url)
    confirmed(client, batch)
    assert Observation.objects.get().period.code == "2021"


def test_figures_published_after_the_preview_stop_the_confirmation(play: Play) -> None:
    client = as_(play.reviewer)
    seen = client.get(upload(client, csv(GOOD)).url).context["counts"]
    state(play.cast, play.cast.ha_giang, play.cast.on_time, "2021-Q1", "77.7")
    confirmed(client, ImportBatch.objects.get(), seen)
    assert ImportBatch.objects.get().state == "open"
    assert Observation.objects.current().get().value != 92


def test_a_batch_is_loaded_once(play: Play) -> None:
    batch = batches.upload(name="x.csv", content=csv(GOOD), source=SOURCE, actor=play.reviewer)
    confirm(batch_id=batch.pk, seen={"new": 1, "changed": 0, "same": 0}, actor=play.reviewer)
    with pytest.raises(ImportRefused):
        confirm(batch_id=batch.pk, seen={"new": 1, "changed": 0, "same": 0}, actor=play.reviewer)
    assert Observation.objects.count() == 1


def test_a_discarded_file_is_gone(play: Play) -> None:
    client = as_(play.reviewer)
    upload(client, csv(GOOD))
    batch = ImportBatch.objects.get()
    client.post(reverse("reporting:import-decide", args=[batch.pk]), {"discard": "1"})
    assert ImportBatch.objects.get().state == "discarded" and not ImportFile.objects.exists()
    assert client.get(reverse("reporting:import", args=[batch.pk])).status_code == 200
    assert client.get(reverse("reporting:import-refused", args=[batch.pk])).status_code == 404


def test_texts_of_a_file_are_no_markup(play: Play) -> None:
    client = as_(play.reviewer)
    page = client.get(upload(client, csv(["<script>alert(1)</script>", *GOOD[1:]])).url).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every file is large, and messages to a worker are only kept."""
    woken: list[int] = []
    monkeypatch.setattr(jobs, "INLINE_BYTES", 10)
    monkeypatch.setattr("reporting.views.importing.wake_import_on_commit", woken.append)
    return woken


def test_a_large_table_is_left_to_a_worker_and_its_page_says_how_far_it_is(
    play: Play, no_worker: list[int]
) -> None:
    client = as_(play.reviewer)
    answer = upload(client, csv(GOOD))
    batch = ImportBatch.objects.get()
    assert no_worker == [batch.pk]
    page = client.get(answer.url).content.decode()
    assert "<progress" in page and "Đang chờ xử lý" in page and 'http-equiv="refresh"' in page
    ImportJob.objects.update(state="running", step="comparing", permille=640)
    told = client.get(reverse("reporting:import-progress", args=[batch.pk])).json()
    assert (told["open"], told["permille"], told["waiting"]) == (True, 640, False)
    assert told["said"] == "Đang xem tệp: so với số liệu đã công bố"
    assert 'value="640"' in client.get(answer.url).content.decode()
    client.post(reverse("reporting:import-columns", args=[batch.pk]), {"constant-period": "2020"})
    assert "period" not in ImportBatch.objects.get().constants, "not while it is being read"
    client.post(reverse("reporting:import-again", args=[batch.pk]))
    assert no_worker == [batch.pk, batch.pk]


def test_a_large_file_that_cannot_be_read_says_so_and_can_be_tried_again(
    play: Play, no_worker: list[int]
) -> None:
    client = as_(play.reviewer)
    answer = upload(client, csv([*GOOD, *[None] * 9]))
    jobs.run_at_once(ImportBatch.objects.get().pk)
    page = client.get(answer.url).content.decode()
    assert (
        "errornote" in page and reverse("reporting:import-again", args=[ImportBatch.objects.get().pk]) in page
    )
    assert (
        client.get(reverse("reporting:import-refused", args=[ImportBatch.objects.get().pk])).status_code
        == 404
    )


def test_what_was_refused_at_the_confirmation_can_be_looked_at_again(play: Play) -> None:
    client = as_(play.reviewer)
    answer = upload(client, csv(GOOD))
    batch = ImportBatch.objects.get()
    seen = client.get(answer.url).context["counts"]
    state(play.cast, play.cast.ha_giang, play.cast.on_time, "2021-Q1", "77.7")
    page = confirmed(client, batch, seen)
    text = client.get(page.url).content.decode()
    assert "Nạp tất cả" not in text and "Xem lại" in text
    client.post(reverse("reporting:import-again", args=[batch.pk]))
    assert client.get(page.url).context["counts"]["changed"] == 1
    confirmed(client, batch)
    assert ImportBatch.objects.get().state == "loaded"
