"""Addresses before the door; none holds anything personal."""

from django.urls import path

from aggregator.portal import views

app_name = "door"

urlpatterns = [
    path("sign-in/", views.ask_phone, name="sign-in"),
    path("sign-in/code/", views.ask_code, name="code"),
    path("households/", views.choose_household, name="households"),
    path("sign-out/", views.sign_out, name="sign-out"),
]
