"""The people and the form that reporting tests play with, on top of the common cast.

play = make_play()                       # Cao Bằng, third quarter of 2025, a form of five lines
submission = opened(play)
fill(play, submission)                   # every cell right
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import Group, Permission, User

from indicators.core.periods import Period as CorePeriod
from indicators.core.periods import parse_period
from indicators.models import Indicator
from provinces.models import Province
from reporting.core.reading import CellText
from reporting.models import Entry, FormLine, FormSection, ProvinceAssignment, ReportingForm, Submission
from reporting.services.cells import CellChange, SaveResult, save_cells
from reporting.services.deciding import submit
from reporting.services.opening import open_submission
from tests.cast import Cast, make_cast, make_indicator

QUARTER = parse_period("2025-Q3")


@dataclass(frozen=True)
class Play:
    cast: Cast
    form: ReportingForm
    staff: User
    second_staff: User
    leader: User
    neighbour: User
    reviewer: User
    administrator: User
    satisfaction: Indicator
    documents: Indicator

    @property
    def province(self) -> Province:
        return self.cast.cao_bang


def make_play() -> Play:
    cast = make_cast()
    satisfaction = make_indicator("satisfaction-rate", "rate", "percent", "higher", "%", "%")
    documents = make_indicator("edocs-exchanged", "count", "count", "none", "văn bản", "documents")
    form = ReportingForm.objects.create(
        code="quarterly", name_vi="Báo cáo quý", name_en="Quarterly report", applies_from=date(2008, 1, 1)
    )
    first = FormSection.objects.create(form=form, position=1, name_vi="Hồ sơ", name_en="Dossiers")
    second = FormSection.objects.create(form=form, position=2, name_vi="Khác", name_en="Other")
    add_line(first, 1, cast.received)
    add_line(first, 2, cast.received, category=cast.online)
    add_line(first, 3, cast.on_time, wants_counts=True)
    add_line(second, 1, satisfaction)
    add_line(second, 2, documents, mode=FormLine.Mode.YEAR_TO_DATE)
    return Play(
        cast=cast,
        form=form,
        staff=person("staff", "Nông Thị Mai", cast.cao_bang),
        second_staff=person("staff2", "Hoàng Văn Nam", cast.cao_bang),
        leader=person("leader", "Bế Văn Lâm", cast.cao_bang, ProvinceAssignment.Role.LEADER),
        neighbour=person("neighbour", "Lò Văn Pao", cast.dien_bien, ProvinceAssignment.Role.LEADER),
        reviewer=person("reviewer", "Trần Thị Hà", group="reviewers"),
        administrator=person("administrator", "Lê Văn Quản", group="administrators"),
        satisfaction=satisfaction,
        documents=documents,
    )


def add_line(section: FormSection, position: int, indicator: Indicator, **fields: object) -> FormLine:
    return FormLine.objects.create(section=section, position=position, indicator=indicator, **fields)


def person(
    username: str,
    name: str,
    province: Province | None = None,
    role: str = ProvinceAssignment.Role.STAFF,
    group: str = "",
) -> User:
    user = User.objects.create_user(username, f"{username}@example.vn", first_name=name, is_staff=True)
    if province is not None:
        ProvinceAssignment.objects.create(user=user, province=province, role=role)
    if group:
        user.groups.add(_group(group))
    return user


def _group(name: str) -> Group:
    """As migration 0003 made it; a test with real transactions empties that table behind itself."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        codenames = (
            ["review_submission"] if name == "reviewers" else ["change_reportingform", "view_auditrecord"]
        )
        group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


def opened(play: Play, province: Province | None = None, period: CorePeriod = QUARTER) -> Submission:
    where = province or play.province
    actor = play.neighbour if where == play.cast.dien_bien else play.staff
    return open_submission(form=play.form, province=where, period=period, actor=actor)


def cell(submission: Submission, indicator: Indicator, category: object = None) -> Entry:
    return Entry.objects.get(submission=submission, line__indicator=indicator, line__category=category)


def save(entry: Entry, actor: User, text: str = "", *, seen: int | None = None, **fields: str) -> SaveResult:
    change = CellChange(
        entry=entry.pk, version=entry.version if seen is None else seen, cell=CellText(text=text, **fields)
    )
    return save_cells(submission_id=entry.submission_id, changes=[change], actor=actor)


RIGHT = {
    "dossiers-received": CellText("8.868"),
    "dossiers-received/online": CellText("7.011"),
    "dossiers-on-time-rate": CellText(numerator="8.405", denominator="8.524"),
    "satisfaction-rate": CellText("trên 92%"),
    "edocs-exchanged": CellText("3,2 triệu"),
}


def fill(play: Play, submission: Submission, actor: User | None = None, **other: CellText) -> None:
    """Every cell as in RIGHT, or as ``other`` says by the indicator's code with underscores."""
    changes = []
    for entry in submission.entries.select_related("line__indicator", "line__category"):
        name = entry.line.indicator.code
        key = f"{name}/{entry.line.category.code}" if entry.line.category else name
        text = other.get(key.replace("-", "_"), RIGHT[key])
        changes.append(CellChange(entry=entry.pk, version=entry.version, cell=text))
    who = actor or (play.neighbour if submission.province == play.cast.dien_bien else play.staff)
    result = save_cells(submission_id=submission.pk, changes=changes, actor=who)
    assert len(result.saved) == len(changes)


def submitted(play: Play) -> Submission:
    submission = opened(play)
    fill(play, submission)
    return submit(submission_id=submission.pk, actor=play.leader)
