"""Addresses of the floor: estimates behind the admin's door, and drawn samples for anyone."""

from django.contrib import admin
from django.urls import path

from credits.estimating import views as estimate_views
from credits.soil import views as soil_views
from credits.tonnes import certificate_views, proof_views
from credits.verifying import public_views, verifier_views

urlpatterns = [
    path(
        "admin/estimates/", admin.site.admin_view(estimate_views.list_estimates), name="estimates"
    ),
    path(
        "admin/estimates/<str:id>/",
        admin.site.admin_view(estimate_views.show_estimate),
        name="estimate",
    ),
    path(
        "admin/credits-proof/", admin.site.admin_view(proof_views.show_proof), name="credits-proof"
    ),
    path("certificates/<str:code>/", certificate_views.show_certificate, name="certificate"),
    *(
        path(f"samples/<str:code>/{route}", view, name=name)
        for route, view, name in (
            ("", public_views.show_sample, "sample-page"),
            ("population.csv", public_views.download_list, "sample-list"),
            ("draw.csv", public_views.download_order, "sample-order"),
        )
    ),
    *(
        path(f"admin/verify/{route}", admin.site.admin_view(view), name=name)
        for route, view, name in (
            ("", verifier_views.show_start, "verifier-start"),
            ("<int:pk>/", verifier_views.show_sample, "verifier-sample"),
            ("<int:pk>/plots.json", verifier_views.show_plots, "verifier-plots"),
            ("<int:pk>/raise/", verifier_views.raise_request, "raise-action"),
            ("fields/<int:pk>/", verifier_views.show_field, "sampled-field"),
            ("photos/<int:pk>/", verifier_views.show_photo, "finding-photo"),
            ("requests/<int:pk>/", verifier_views.show_request, "corrective-action"),
            ("files/<int:pk>/", verifier_views.download_file, "corrective-file"),
        )
    ),
    path(
        "admin/soil/<int:pk>/carbon/",
        admin.site.admin_view(soil_views.show_answer),
        name="soil-answer",
    ),
    path(
        "admin/soil/<int:pk>/inputs.json",
        admin.site.admin_view(soil_views.download_inputs),
        name="soil-inputs",
    ),
    path(
        "admin/soil/reports/<int:pk>/",
        admin.site.admin_view(soil_views.download_report),
        name="soil-report",
    ),
    path(
        "admin/soil/<int:pk>/list.json",
        admin.site.admin_view(soil_views.download_list),
        name="soil-list",
    ),
]
