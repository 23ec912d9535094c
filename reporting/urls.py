"""The pages of those who report and review, inside the administration at /quan-tri/bao-cao/."""

from django.urls import path

from reporting.views import cells, form, home, importing, review, workbook

app_name = "reporting"
urlpatterns = [
    path("", home.home, name="home"),
    path("mo/", home.open_form, name="open"),
    path("nap-so-lieu/", importing.imports, name="imports"),
    path("nap-so-lieu/<int:pk>/", importing.batch, name="import"),
    path("nap-so-lieu/<int:pk>/tien-do/", importing.progress, name="import-progress"),
    path("nap-so-lieu/<int:pk>/xem-lai/", importing.again, name="import-again"),
    path("nap-so-lieu/<int:pk>/cot/", importing.columns, name="import-columns"),
    path("nap-so-lieu/<int:pk>/quyet-dinh/", importing.decide, name="import-decide"),
    path("nap-so-lieu/<int:pk>/bi-tu-choi.xlsx", importing.refused, name="import-refused"),
    path("<int:pk>/", form.form, name="form"),
    path("<int:pk>/o/", cells.save, name="cells"),
    path("<int:pk>/kiem-tra/", cells.check, name="check"),
    path("<int:pk>/duyet/", review.review, name="review"),
    path("<int:pk>/tep/", workbook.download, name="workbook"),
    path("<int:pk>/tep/xem-truoc/", workbook.upload, name="workbook-upload"),
    path("<int:pk>/tep/ghi/", workbook.confirm, name="workbook-confirm"),
    path("<int:pk>/tep/bi-tu-choi/", workbook.refused, name="workbook-refused"),
    path("<int:pk>/dinh-chinh/", home.correct_form, name="correct"),
]
