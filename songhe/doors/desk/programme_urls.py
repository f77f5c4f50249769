"""Addresses of the pages of programmes."""

from django.urls import path

from songhe.doors.desk.views import programmes, wallchart

urlpatterns = [
    path("programmes/", programmes.index, name="programmes"),
    path("programmes/leader/", programmes.leader, name="programmes-leader"),
    path("programmes/owed/", programmes.owed, name="programmes-owed"),
    path("programmes/commitments/", programmes.commitments, name="programmes-commitments"),
    path("programmes/<slug:name>/", programmes.one, name="programme"),
    path("programmes/<slug:name>/ledger/", programmes.lay_out, name="programme-lay-out"),
    path("programmes/<slug:name>/wall/", wallchart.chart, name="programme-wall"),
    path("programmes/<slug:name>/wall.pdf", wallchart.pdf, name="programme-wall-pdf"),
    path("programmes/<slug:name>/goals/<slug:goal>/", programmes.goal, name="programme-goal"),
    path("programmes/entries/<int:pk>/correct/", programmes.correct, name="programme-correct"),
    path("programmes/entries/<int:pk>/file/", programmes.evidence, name="programme-evidence"),
]
