"""Addresses of the project; the apps above are named as strings only."""

from django.contrib import admin
from django.urls import include, path

from aggregator import list_file_views

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    # Before the admin's own addresses: those answer everything below admin/ themselves.
    path("", include("farms.urls")),
    path("", include("credits.urls")),
    path(
        "admin/list-files/<int:pk>/",
        admin.site.admin_view(list_file_views.show_list_file),
        name="list-file",
    ),
    path(
        "admin/list-files/<int:pk>/content/",
        admin.site.admin_view(list_file_views.download_list_file),
        name="list-file-content",
    ),
    path("admin/", admin.site.urls),
    path("api/v1/", include("aggregator.api")),
    path("api/v1/", include("farms.api")),
    path("api/v1/", include("credits.api")),
    path("api/v1/", include("payouts.api")),
    path("", include("aggregator.portal.urls")),
    path("", include("farms.portal.urls")),
    path("", include("credits.portal.urls")),
    path("", include("payouts.urls")),
    path("", include("payouts.portal.urls")),
]
