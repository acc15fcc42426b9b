"""A decision and the wake-up call after it, for whoever lets people decide: admin and API alike.

The rule leaves the row in the state the worker looks for; a lost call costs one sweep.
"""

from __future__ import annotations

from aggregator.models import User
from credits.models import MonitoringPeriod
from payouts import settlement, tasks
from payouts.models import Settlement


def request_settlement(period: MonitoringPeriod, *, by: User) -> Settlement:
    """Ask for a settlement of what has come in, and wake the worker that drafts it."""
    requested = settlement.request_settlement(period, by=by)
    tasks.draft_settlement.delay_on_commit(requested.pk)
    return requested


def approve_settlement(draft: Settlement, *, by: User) -> Settlement:
    """Approve a draft, and wake the worker that issues its statements."""
    settlement.approve_settlement(draft, by=by)
    tasks.issue_statements.delay_on_commit(draft.pk)
    return draft
