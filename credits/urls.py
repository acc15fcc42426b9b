"""Addresses of the desk's estimates, inside the admin's own path and behind its door."""

from django.contrib import admin
from django.urls import path

from credits import estimate_views

urlpatterns = [
    path(
        "admin/estimates/", admin.site.admin_view(estimate_views.list_estimates), name="estimates"
    ),
    path(
        "admin/estimates/<str:id>/",
        admin.site.admin_view(estimate_views.show_estimate),
        name="estimate",
    ),
]
