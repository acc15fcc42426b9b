"""The development gateway: messages go only into the admin's outbox, where staff read them."""

from aggregator.models import Household, OutboxMessage


class OutboxGateway:
    def send(self, *, phone: str, text: str, household: Household) -> None:
        OutboxMessage.objects.create(
            cooperative_id=household.cooperative_id, household=household, phone=phone, text=text
        )
