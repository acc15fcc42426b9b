"""Addresses of the land: the upload pages, inside the admin's own path and behind its door."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from farms import import_views

urlpatterns = [
    path(
        "admin/import/",
        RedirectView.as_view(url="/admin/import/households/"),
        name="import-start",
    ),
    path(
        "admin/import/runs/<int:pk>/",
        admin.site.admin_view(import_views.show_run),
        name="import-run",
    ),
    path(
        "admin/import/<slug:kind>/",
        admin.site.admin_view(import_views.import_file),
        name="import-file",
    ),
    path(
        "admin/import/<slug:kind>/template.xlsx",
        admin.site.admin_view(import_views.download_template),
        name="import-template",
    ),
]
