"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditsConfig(AppConfig):
    name = "credits"
    verbose_name = _("Credits")

    def ready(self) -> None:
        # Registered upwards: the floors below know no program and no pool.
        from aggregator.agreement_wording import register_use
        from aggregator.change_words import register_parts, register_saying
        from aggregator.succession import register_consequence
        from credits.pooling.descent import carry_enrolments, find_period_start, name_frozen_periods
        from credits.pooling.reasons import reason_text
        from credits.pooling.succession import say_periods
        from credits.programs.general_wording import programs_in_use, register_program
        from credits.programs.wording import register_ccx
        from credits.registry import PROGRAMS
        from credits.terms.changes import compare_terms, name_methodology, name_program
        from credits.verifying.verifier_scope import register_scope
        from farms.successors import register_notice, register_since, register_step

        register_ccx()
        for program in PROGRAMS.values():
            if program.id != "ccx":
                register_program(program)
        register_use(programs_in_use)
        register_saying("enrolment", "reasons", lambda told: " ".join(map(reason_text, told)))
        register_parts("project", "terms", compare_terms)
        register_parts("project", "parameters", compare_terms)
        register_saying("project", "program", name_program)
        register_saying("project", "methodology", name_methodology)
        register_consequence(say_periods)
        register_step(carry_enrolments)
        register_notice(name_frozen_periods)
        register_since(find_period_start)
        register_scope()
