"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditsConfig(AppConfig):
    name = "credits"
    verbose_name = _("Credits")

    def ready(self) -> None:
        # Registered upwards: the floor of the agreements knows no program.
        from credits.programs.wording import register_ccx

        register_ccx()
