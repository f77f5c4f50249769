"""Addresses of the pages of programmes."""

from django.urls import path

from songhe.doors.desk.views import wallchart
from songhe.doors.desk.views.programmes import entries, goals, leader, lists, one, owed, rows

urlpatterns = [
    path("programmes/", lists.index, name="programmes"),
    path("programmes/leader/", leader.leader, name="programmes-leader"),
    path("programmes/owed/", owed.owed, name="programmes-owed"),
    path("programmes/commitments/", lists.commitments, name="programmes-commitments"),
    path("programmes/<slug:name>/", one.one, name="programme"),
    path("programmes/<slug:name>/ledger/", one.lay_out, name="programme-lay-out"),
    path("programmes/<slug:name>/wall/", wallchart.chart, name="programme-wall"),
    path("programmes/<slug:name>/wall.pdf", wallchart.pdf, name="programme-wall-pdf"),
    path("programmes/<slug:name>/goals/<slug:goal>/", goals.goal, name="programme-goal"),
    path("programmes/entries/<int:pk>/correct/", entries.correct, name="programme-correct"),
    path("programmes/entries/<int:pk>/file/", entries.evidence, name="programme-evidence"),
    path("programmes/<slug:name>/goals/<slug:goal>/rows/", rows.rows, name="programme-goal-rows"),
]
