"""Addresses of the tonnes' API."""

from rest_framework.routers import SimpleRouter

from credits import api

router = SimpleRouter()
router.register("projects", api.ProjectViewSet)
router.register("periods", api.PeriodViewSet)
router.register("issuances", api.IssuanceViewSet)
router.register("lots", api.LotViewSet)
urlpatterns = router.urls
