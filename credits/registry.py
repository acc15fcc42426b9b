"""The plug-ins of this floor: methodologies and programs by id. Ids are stored, never `choices`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.methodologies.base import Methodology
from credits.methodologies.ccx_soil import CcxSoil
from credits.methodologies.estimates import Estimator
from credits.methodologies.ipcc_rice_ch4 import IpccRiceCh4
from credits.programs.base import Program
from credits.programs.ccx import CCX

METHODOLOGIES: dict[str, Methodology] = {"ccx-soil": CcxSoil()}

# Whom anyone may ask, with inputs of one's own; beside those that count a project's fields.
ESTIMATORS: dict[str, Estimator] = {estimator.id: estimator for estimator in (IpccRiceCh4(),)}

PROGRAMS: dict[str, Program] = {"ccx": CCX}

# Beside the registry, since a methodology is pure and may not translate.
METHODOLOGY_NAMES: dict[str, Promise] = {"ccx-soil": _("CCX soil carbon, rate lookup")}
