"""Addresses of the land: the upload pages, inside the admin's own path and behind its door."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from farms import entry_views, import_views, upload_views
from farms.map import drawing_views, preview_views
from farms.map import views as map_views

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
    *(
        path(
            f"admin/import/uploads/<int:pk>/{route}",
            admin.site.admin_view(view),
            name=name,
        )
        for route, view, name in (
            ("", upload_views.show_upload, "upload"),
            ("progress.json", upload_views.show_progress, "upload-progress"),
            ("columns/", upload_views.show_columns, "upload-columns"),
            ("shapes.json", upload_views.show_shapes, "upload-shapes"),
            ("rows/<int:number>/", upload_views.show_row, "upload-row"),
            ("check/", upload_views.check_again, "upload-check"),
            ("kinds/", upload_views.mend_kind, "upload-kinds"),
            ("offset/", upload_views.convert_offset, "upload-offset"),
            ("write/", upload_views.write, "upload-write"),
            ("cancel/", upload_views.cancel, "upload-cancel"),
        )
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
    *(
        path(f"admin/{route}", admin.site.admin_view(view), name=name)
        for route, view, name in (
            ("practices/enter/", entry_views.enter_for_many, "practice-entry"),
            ("practices/reports/", entry_views.show_reports, "practice-reports"),
            ("observations/enter/", entry_views.enter_sights, "observation-entry"),
        )
    ),
    *(
        path(f"admin/map/{route}", admin.site.admin_view(view), name=name)
        for route, view, name in (
            ("", map_views.show_map, "land-map"),
            ("plots.json", map_views.list_plots, "map-plots"),
            ("search.json", map_views.search_plots, "map-search"),
            ("plots/<int:pk>.json", map_views.show_plot, "map-plot"),
            ("inside.json", map_views.find_inside, "map-inside"),
            ("chosen/", map_views.show_chosen, "chosen-fields"),
            ("chosen/plots.xlsx", map_views.download_chosen, "chosen-table"),
            ("chosen/merge/", drawing_views.merge, "merge-fields"),
            ("chosen/transfer/", drawing_views.transfer, "transfer-fields"),
            ("draw/", drawing_views.draw, "draw-field"),
            ("fields/<int:pk>/redraw/", drawing_views.redraw, "redraw-field"),
            ("fields/<int:pk>/split/", drawing_views.split, "split-field"),
            ("fields/<int:pk>/parts.json", preview_views.preview_split, "split-preview"),
            ("fields/<int:pk>/boundaries/", drawing_views.show_boundaries, "field-boundaries"),
        )
    ),
]
