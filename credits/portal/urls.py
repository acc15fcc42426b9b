"""Addresses of the member's estimates; they name no row."""

from django.urls import path

from credits.portal import what_if_views

app_name = "estimates"

urlpatterns = [path("what-if/", what_if_views.show_what_if, name="what-if")]
