"""Public addresses of the floor: what anyone may open without signing in."""

from django.urls import path

from payouts import public_views

app_name = "payouts"

urlpatterns = [
    path("check/<str:token>/", public_views.check_statement, name="check-statement"),
]
