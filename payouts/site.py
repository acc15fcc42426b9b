"""The staff's admin site: Django's own, with the house's name, style and home page."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class TianhuiAdminSite(AdminSite):
    site_header = _("Tianhui")
    site_title = _("Tianhui")
    index_title = _("Along the line")
