"""机构设施: the addresses of its pages."""

from django.urls import path

from songhe.doors.desk.views import facilities, facility_forms, facility_sheets, inspections, operators

urlpatterns = [
    path("facilities/", facilities.index, name="facilities"),
    path("facilities/new/", facility_forms.new, name="facility-new"),
    path("facilities/standards/", facilities.standards, name="facility-standards"),
    path("facilities/papers/", operators.papers, name="facility-papers"),
    path("facilities/operators/", operators.index, name="operators"),
    path("facilities/operators/new/", operators.new, name="operator-new"),
    path("facilities/operators/<int:pk>/", operators.one, name="operator"),
    path("facilities/operators/<int:pk>/<slug:what>/", operators.add, name="operator-add"),
    path("facilities/inspections/", inspections.index, name="inspections"),
    path("facilities/inspections/<int:pk>/", inspections.one, name="inspection"),
    path("facilities/photos/<int:pk>/", inspections.photo, name="facility-photo"),
    path("facilities/draws/", inspections.draws, name="facility-draws"),
    path("facilities/<uuid:uid>/", facilities.one, name="facility"),
    path("facilities/<uuid:uid>/inspect/", inspections.new, name="inspection-new"),
    path("facilities/<uuid:uid>/add/<slug:what>/", facility_forms.add, name="facility-add"),
    path("facilities/<uuid:uid>/end/<slug:what>/<int:pk>/", facility_forms.end, name="facility-end"),
    path("facilities/export/", facility_sheets.export, name="facilities-export"),
    path("facilities/import/", facility_sheets.index, name="facility-sheets"),
    path("facilities/import/form/", facility_sheets.form, name="facility-sheet-form"),
    path("facilities/import/<int:pk>/", facility_sheets.one, name="facility-sheet"),
    path("facilities/import/<int:pk>/confirm/", facility_sheets.confirm, name="facility-sheet-confirm"),
    path("facilities/import/<int:pk>/returned/", facility_sheets.returned, name="facility-sheet-returned"),
]
