"""The doors, a line each."""

from django.urls import include, path

urlpatterns = [
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/sso/", include("allauth.socialaccount.urls")),
    path("account/sso/oidc/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("api/", include("songhe.doors.api.urls")),
    path("family/", include("songhe.doors.portal.urls")),
    path("field/", include("songhe.doors.field.urls")),
    path("", include("songhe.doors.desk.urls")),
]

handler400 = "songhe.doors.desk.errors.bad_request"
handler403 = "songhe.doors.desk.errors.forbidden"
handler404 = "songhe.doors.desk.errors.not_found"
handler500 = "songhe.doors.desk.errors.server_error"
