"""Addresses of the land's API."""

from rest_framework.routers import SimpleRouter

from farms import api

router = SimpleRouter()
router.register("fields", api.FieldViewSet)
urlpatterns = router.urls
