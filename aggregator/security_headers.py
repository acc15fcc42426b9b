"""Headers that tell the browser what a page may do: our own files only, nothing inline."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def tile_hosts() -> list[str]:
    """The hosts that the map's pictures of the ground come from, as the setting names them."""
    address = urlsplit(settings.MAP_TILE_URL)
    if not address.netloc:
        return []
    marks = settings.MAP_TILE_SUBDOMAINS.split(",") if "," in settings.MAP_TILE_SUBDOMAINS else None
    marks = marks or list(settings.MAP_TILE_SUBDOMAINS) or [""]
    hosts = [address.netloc.replace("{s}", mark) for mark in marks]
    return [f"{address.scheme}://{host}" for host in dict.fromkeys(hosts)]


CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        # Django's own style sheets draw their arrows from data: images.
        " ".join(["img-src 'self' data:", *tile_hosts()]),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeadersMiddleware:
    """Adds the headers that Django does not; those it does are settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response
