"""App configuration: binds Celery and names the admin site that the top floor provides."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class AggregatorConfig(AppConfig):
    name = "aggregator"
    verbose_name = _("Members")

    def ready(self) -> None:
        # Bound here, not in __init__, so that the pure modules import without Celery.
        from aggregator import celery  # noqa: F401
        from aggregator.actors import attend_connection
        from aggregator.change_words import register_saying
        from aggregator.duplicates import ground_names

        connection_created.connect(attend_connection)
        register_saying("duplicatepair", "grounds", ground_names)


class TianhuiAdminConfig(AdminConfig):
    default_site = "payouts.site.TianhuiAdminSite"
