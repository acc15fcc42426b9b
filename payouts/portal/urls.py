"""Addresses of the member's money pages; a statement's number is no secret, its page is."""

from django.urls import path

from payouts.portal import views

app_name = "portal"

urlpatterns = [
    path("", views.home, name="home"),
    path("statements/", views.list_statements, name="statements"),
    path("statements/<str:number>/", views.show_statement, name="statement"),
    path("statements/<str:number>/pdf/", views.download_pdf, name="statement-pdf"),
]
