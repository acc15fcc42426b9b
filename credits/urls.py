"""Addresses of the floor: estimates behind the admin's door, and drawn samples for anyone."""

from django.contrib import admin
from django.urls import path

from credits import estimate_views, public_views

urlpatterns = [
    path(
        "admin/estimates/", admin.site.admin_view(estimate_views.list_estimates), name="estimates"
    ),
    path(
        "admin/estimates/<str:id>/",
        admin.site.admin_view(estimate_views.show_estimate),
        name="estimate",
    ),
    *(
        path(f"samples/<str:code>/{route}", view, name=name)
        for route, view, name in (
            ("", public_views.show_sample, "sample-page"),
            ("population.csv", public_views.download_list, "sample-list"),
            ("draw.csv", public_views.download_order, "sample-order"),
        )
    ),
]
