"""Who may do what: one place that every view asks.

Province staff and leaders see their own provinces; reviewers and administrators see all. A leader submits; a
reviewer decides, never on what he or she submitted. A superuser reviews and administers, and reports for a
province only when assigned to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provinces.models import Province
from reporting.models import ProvinceAssignment, Submission

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Access:
    """What one person may do; made once a request (two queries, one for permissions)."""

    user_id: int
    roles: dict[int, str]  # province → role
    reviews: bool
    administers: bool

    @property
    def anything(self) -> bool:
        return bool(self.roles) or self.sees_all

    @property
    def sees_all(self) -> bool:
        return self.reviews or self.administers

    def sees(self, province_id: int) -> bool:
        return self.sees_all or province_id in self.roles

    def fills(self, province_id: int) -> bool:
        return province_id in self.roles

    def submits(self, province_id: int) -> bool:
        return self.roles.get(province_id) == ProvinceAssignment.Role.LEADER

    def decides(self, submission: Submission) -> bool:
        return (
            self.reviews
            and submission.state == Submission.State.SUBMITTED
            and submission.submitted_by_id != self.user_id
        )


def access_of(user: User) -> Access:
    """The access of an authenticated user; nothing for one who is not active staff."""
    if not (user.is_active and user.is_staff):
        return Access(user.pk or 0, {}, False, False)
    roles = dict(ProvinceAssignment.objects.filter(user=user).values_list("province_id", "role"))
    return Access(
        user_id=user.pk,
        roles=roles,
        reviews=user.has_perm("reporting.review_submission"),
        administers=user.has_perm("reporting.change_reportingform"),
    )


def own_provinces(access: Access) -> list[Province]:
    return list(Province.objects.filter(pk__in=access.roles))
