"""Addresses of 台账, 督导, 会议, 数据申请 and 考评."""

from django.urls import path

from songhe.doors.desk.views import awards, drives, ledger, ledger_sheets, meetings

urlpatterns = [
    path("ledger/", ledger.index, name="ledger"),
    path("ledger/export/", ledger.export, name="ledger-export"),
    path("ledger/new/", ledger.new, name="ledger-new"),
    path("ledger/import/", ledger_sheets.index, name="ledger-sheets"),
    path("ledger/import/<int:pk>/", ledger_sheets.one, name="ledger-sheet"),
    path("ledger/import/<int:pk>/confirm/", ledger_sheets.confirm, name="ledger-sheet-confirm"),
    path("ledger/layouts/new/", ledger_sheets.layout_new, name="ledger-layout-new"),
    path("ledger/evidence/<int:pk>/", ledger.file, name="ledger-file"),
    path("ledger/reminders/<int:pk>/", ledger.reminder, name="ledger-reminder"),
    path("ledger/<int:pk>/", ledger.one, name="ledger-item"),
    path("ledger/<int:pk>/<slug:verb>/", ledger.act, name="ledger-act"),
    path("drives/", drives.index, name="drives"),
    path("drives/new/", drives.new, name="drive-new"),
    path("drives/<int:pk>/", drives.one, name="drive"),
    path("meetings/", meetings.index, name="meetings"),
    path("meetings/<int:pk>/", meetings.one, name="meeting"),
    path("meetings/bodies/new/", meetings.body_new, name="body-new"),
    path("meetings/bodies/<int:pk>/", meetings.body, name="body"),
    path("meetings/bodies/<int:pk>/convene/", meetings.new, name="meeting-new"),
    path("meetings/bodies/<int:pk>/seats/<int:seat>/end/", meetings.seat_end, name="seat-end"),
    path("data-requests/", meetings.requests, name="data-requests"),
    path("data-requests/new/", meetings.request_new, name="data-request-new"),
    path("data-requests/<int:pk>/", meetings.data_request, name="data-request"),
    path("awards/", awards.index, name="awards"),
    path("awards/<int:pk>/", awards.one, name="award"),
    path("awards/papers/<int:pk>/", awards.paper, name="award-paper"),
    path("awards/appraisals/<int:pk>/", awards.appraisal, name="appraisal"),
]
