"""Addresses of 通报, 函件 and 上级报表."""

from django.urls import path

from songhe.doors.desk.views import bulletins, letters, superior_forms

urlpatterns = [
    path("bulletins/", bulletins.index, name="bulletins"),
    path("bulletins/new/", bulletins.new, name="bulletin-new"),
    path("bulletins/freeze/", bulletins.freeze, name="bulletin-freeze"),
    path("bulletins/<int:pk>/", bulletins.one, name="bulletin"),
    path("bulletins/<int:pk>/words/", bulletins.words, name="bulletin-words"),
    path("bulletins/<int:pk>/issue/", bulletins.issue, name="bulletin-issue"),
    path("bulletins/<int:pk>/correct/", bulletins.correct, name="bulletin-correct"),
    path("bulletins/<int:pk>/recount/", bulletins.recount, name="bulletin-recount"),
    path("bulletins/<int:pk>/<slug:kind>/", bulletins.download, name="bulletin-file"),
    path("letters/", letters.index, name="letters"),
    path("letters/new/<slug:kind>/", letters.new, name="letter-new"),
    path("letters/templates/<slug:kind>/", letters.template, name="letter-template"),
    path("letters/<int:pk>/", letters.one, name="letter"),
    path("letters/<int:pk>/issue/", letters.issue, name="letter-issue"),
    path("letters/<int:pk>/<slug:kind>/", letters.download, name="letter-file"),
    path("forms/", superior_forms.index, name="forms"),
    path("forms/new/", superior_forms.new, name="form-new"),
    path("forms/disagreements/", superior_forms.disagreements, name="form-disagreements"),
    path("forms/<int:pk>/", superior_forms.one, name="form"),
    path("forms/<int:pk>/fill/", superior_forms.fill, name="form-fill"),
    path("forms/<int:pk>/retire/", superior_forms.retire, name="form-retire"),
    path("forms/fillings/<int:pk>/", superior_forms.download, name="filling-file"),
]
