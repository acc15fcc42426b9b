"""The demonstration's cooperative, its staff and the sign-ins that are shown to a newcomer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aggregator.models import Cooperative, Household, User, Village
from payouts.demo.people import READS_ENGLISH, VILLAGES

CODE = "qiyun"
PASSWORD = "tianhui-demo"  # noqa: S105 - printed for everyone to see
_STAFF_NAMES = {
    User.Role.OPERATOR: "陈禾",
    User.Role.APPROVER: "李稔",
    User.Role.VERIFIER: "周核",
    User.Role.VIEWER: "吴观",
}


@dataclass(frozen=True)
class Staff:
    """Who acts in the demonstration."""

    operator: User
    approver: User
    verifier: User
    viewer: User


def found_cooperative() -> tuple[Cooperative, Staff]:
    """Make the cooperative, its villages and its staff."""
    cooperative = Cooperative.objects.create(
        code=CODE,
        name="栖云梯田农民专业合作社",
        name_en="Qiyun Terraces Farmers' Cooperative",
        phone="0590-000 0000",
    )
    for village in VILLAGES:
        Village.objects.create(
            cooperative=cooperative, code=village.code, name=village.name, name_en=village.name_en
        )
    staff = {role: _hire(cooperative, role) for role in User.Role}
    return cooperative, Staff(**{role.value: user for role, user in staff.items()})


def list_sign_ins() -> Iterator[str]:
    """One line for each sign-in of the demonstration, nothing when it is not loaded.

    In English, as all that the shell prints.
    """
    users = User.objects.filter(cooperative__code=CODE, username__in=User.Role.values)
    if not users:
        return
    yield f"Staff, at /admin/, password {PASSWORD}:"
    yield "  " + "  ".join(user.username for user in users.order_by("pk"))
    yield "Farmers, at / (read the code in the admin's outbox):"
    for household in _farmers():
        yield f"  {household['phone'].removeprefix('+86')}  {household['head_name']}"


def _hire(cooperative: Cooperative, role: User.Role) -> User:
    user = User(
        username=role.value,
        # A domain nobody can own (RFC 2606): without a mail server the letter is on the terminal.
        email=f"{role.value}@tianhui.example",
        first_name=_STAFF_NAMES[role],
        cooperative=cooperative,
        role=role,
        is_staff=True,
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def _farmers() -> Iterable[dict[str, str]]:
    """One who reads Chinese and one who reads English."""
    codes = ["QY-001", f"QY-{READS_ENGLISH[0]:03d}"]
    households = Household.objects.filter(cooperative__code=CODE, code__in=codes)
    return households.with_head().values("phone", "head_name")
