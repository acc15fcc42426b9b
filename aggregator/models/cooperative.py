"""The tenant, its villages and its staff."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from aggregator.names import local_name
from aggregator.tenancy import TenantModel


class Cooperative(models.Model):
    """One farmers' cooperative, the aggregator and tenant. Settings may change; code never does."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    area_unit = models.CharField(
        _("unit of area"),
        max_length=4,
        default="mu",
        choices=[("mu", _("mu")), ("ha", _("hectare")), ("acre", _("acre"))],
    )
    phone = models.CharField(_("telephone"), max_length=32, blank=True)
    objection_days = models.PositiveSmallIntegerField(_("days to object"), default=15)
    payment_threshold_minor = models.PositiveBigIntegerField(
        _("smallest payment"),
        default=0,
        help_text=_("Balances below this stay owed until they reach it; in fen or cents."),
    )

    payee_cooling_days = models.PositiveSmallIntegerField(
        _("days before a changed account is paid"),
        default=7,
        help_text=_("Time for the farmer to object after being told of the new account."),
    )

    # None would let one person's change of this number undo what two are asked to approve.
    LEAST_COOLING_DAYS = 1

    class Meta:
        ordering = ["code"]
        verbose_name = _("cooperative")
        verbose_name_plural = _("cooperatives")

    def __str__(self) -> str:
        return local_name(self)

    def clean(self) -> None:
        if self.payee_cooling_days < self.LEAST_COOLING_DAYS:
            reason = _("A changed account waits at least one day: the farmer is asked in between.")
            raise ValidationError({"payee_cooling_days": reason})

    @property
    def cooling_days(self) -> int:
        """The days that a changed account waits, whatever an older record says."""
        return max(self.payee_cooling_days, self.LEAST_COOLING_DAYS)


class User(AbstractUser):
    """A member of staff, or an independent verifier, of one cooperative."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("operator")
        APPROVER = "approver", _("approver")
        VERIFIER = "verifier", _("verifier")
        VIEWER = "viewer", _("viewer")

    cooperative = models.ForeignKey(
        Cooperative,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
        verbose_name=_("cooperative"),
        help_text=_("Empty only for the platform's own superusers."),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)

    class Meta:
        ordering = ["username"]
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()


class Village(TenantModel):
    """A cooperative's sub-area: printing, posting and sampling go by village."""

    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)

    class Meta:
        ordering = ["cooperative", "code"]
        verbose_name = _("village")
        verbose_name_plural = _("villages")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "code"], name="village_code_unique"),
        ]

    def __str__(self) -> str:
        return local_name(self)
