"""The gallery of parts beside the real addresses; the product itself does not serve it."""

from django.shortcuts import render
from django.urls import include, path


def gallery(request):
    """Every part with plainly fake figures, the frame filled as a signed-in clerk would see it."""
    frame = {
        "nav": [{"label": "工作台", "url": "/", "icon": "home", "current": True}],
        "area_trail": [
            {"label": "例州市", "url": "#", "current": False},
            {"label": "例一镇", "url": "#", "current": True},
        ],
        "period": {"label": "2026年第40周", "previous_url": "#p", "next_url": "#n", "choices": []},
        "search_url": "/people/",
        "demo": True,
    }
    return render(request, "desk/gallery.html", frame)


urlpatterns = [path("gallery/", gallery), path("", include("songhe.config.urls"))]
