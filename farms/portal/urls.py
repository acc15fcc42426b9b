"""Addresses of the member's agreements; a stranger's key answers as one that never was."""

from django.urls import path

from farms.portal import agreements

app_name = "agreements"

urlpatterns = [
    path("agreements/", agreements.list_agreements, name="list"),
    path("agreements/<int:pk>/", agreements.show_agreement, name="page"),
    path("agreements/<int:pk>/code/", agreements.type_code, name="code"),
    path("agreements/<int:pk>/pdf/", agreements.download_pdf, name="pdf"),
    path("agreements/<int:pk>/scan/", agreements.download_scan, name="scan"),
]
