"""The API as a tutorial would write it: a ModelSerializer and a viewset that joins what it shows."""

from __future__ import annotations

from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.renderers import JSONRenderer

from indicators.models import Observation

_EXACT = {"max_digits": None, "decimal_places": None, "coerce_to_string": False}


class ObservationSerializer(serializers.ModelSerializer):
    province = serializers.CharField(source="province.slug")
    province_code = serializers.CharField(source="province.code")
    indicator = serializers.CharField(source="indicator.code")
    period = serializers.CharField(source="period.code")
    unit = serializers.CharField(source="indicator.unit_en")
    value = serializers.DecimalField(**_EXACT)
    numerator = serializers.DecimalField(**_EXACT)
    denominator = serializers.DecimalField(**_EXACT)
    source = serializers.CharField(source="source.code")

    class Meta:
        model = Observation
        fields = ("province", "province_code", "indicator", "period", "value", "unit", "numerator",
                  "denominator", "status", "simulated", "source")  # fmt: skip


class Observations(viewsets.ReadOnlyModelViewSet):
    serializer_class = ObservationSerializer
    renderer_classes = (JSONRenderer,)
    throttle_classes = ()

    def get_queryset(self):
        paths = {"indicator": "indicator__code", "period": "period__code", "province": "province__slug"}
        chosen = {paths[name]: value for name, value in self.request.query_params.items()}
        rows = Observation.objects.current().filter(simulated=True, **chosen)
        return rows.select_related("province", "indicator", "period", "source")


router = routers.SimpleRouter()
router.register("observations", Observations, basename="observations")
urlpatterns = [path("", include(router.urls))]
