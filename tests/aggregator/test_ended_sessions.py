"""A sign-in that has run out is deleted at night; one that still works stays."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from aggregator.tasks import forget_ended_sessions


def test_ended_sessions_go_and_live_ones_stay(db):
    now = timezone.now()
    for key, days in (("ended", -1), ("live", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + timedelta(days=days)
        )
    forget_ended_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["live"]
