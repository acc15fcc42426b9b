"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FarmsConfig(AppConfig):
    name = "farms"
    verbose_name = _("Land")

    def ready(self) -> None:
        # Registered upwards: the ground floor knows no field.
        from aggregator.change_words import register_saying
        from aggregator.merging import register_mover
        from aggregator.record_triggers import register_triggers
        from aggregator.succession import register_consequence
        from farms.boundaries import origin_name
        from farms.evidence_checks import doubt_text
        from farms.land_touches import touching_triggers
        from farms.merging import move_land
        from farms.models.practice import practice_name
        from farms.succession import say_fields

        register_mover(move_land)
        register_triggers(touching_triggers)
        register_consequence(say_fields)
        register_saying("evidence", "doubts", lambda codes: " · ".join(map(doubt_text, codes)))
        register_saying("boundary", "origin", origin_name)
        register_saying("practicerecord", "practice", practice_name)
