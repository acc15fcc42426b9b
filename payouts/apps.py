"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PayoutsConfig(AppConfig):
    name = "payouts"
    verbose_name = _("Payouts")

    def ready(self) -> None:
        # Registered upwards: the floors below know no money.
        from aggregator.merging import register_guard, register_mover
        from aggregator.succession import register_consequence
        from credits.programs.wording import register_deductions
        from payouts.agreement_terms import read_deductions
        from payouts.merging import move_balance, refuse_half_done
        from payouts.succession import say_owed

        register_guard(refuse_half_done)
        register_mover(move_balance)
        register_consequence(say_owed)
        register_deductions(read_deductions)
