"""The pages of those who report and review, inside the administration at /quan-tri/bao-cao/."""

from django.urls import path
from django.views.i18n import set_language

from reporting.views import cells, form, home, review

app_name = "reporting"
urlpatterns = [
    path("", home.home, name="home"),
    path("mo/", home.open_form, name="open"),
    path("ngon-ngu/", set_language, name="language"),
    path("<int:pk>/", form.form, name="form"),
    path("<int:pk>/o/", cells.save, name="cells"),
    path("<int:pk>/kiem-tra/", cells.check, name="check"),
    path("<int:pk>/duyet/", review.review, name="review"),
    path("<int:pk>/dinh-chinh/", home.correct_form, name="correct"),
]
