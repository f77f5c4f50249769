"""Staff pages. Every view carries the permission that opens it (`accounts.access.door`)."""

from django.urls import path

from songhe.doors.desk.views import accounts, audit, indicators, prefs, workbench

urlpatterns = [
    path("", workbench.index, name="workbench"),
    path("prefs/size/", prefs.size, name="prefs-size"),
    path("prefs/language/", prefs.language, name="prefs-language"),
    path("prefs/post/", prefs.post, name="prefs-post"),
    path("healthz", prefs.healthz, name="healthz"),
    path("indicators/", indicators.index, name="indicators"),
    path("indicators/<slug:name>/", indicators.one, name="indicator"),
    path("indicators/<slug:name>/<slug:side>/", indicators.rows, name="indicator-rows"),
    path("map/", indicators.map_page, name="map"),
    path("accounts/", accounts.index, name="accounts"),
    path("accounts/new/", accounts.create, name="account-new"),
    path("accounts/<int:pk>/", accounts.one, name="account"),
    path("accounts/<int:pk>/lock/", accounts.lock, name="account-lock"),
    path("accounts/posts/<int:pk>/end/", accounts.end_post, name="post-end"),
    path("audit/", audit.index, name="audit"),
    path("audit/verify/", audit.verify, name="audit-verify"),
    path("audit/logins/", audit.logins, name="audit-logins"),
]
