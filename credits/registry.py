"""The plug-ins of this floor: methodologies and programs by id. Ids are stored, never `choices`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.methodologies.base import Methodology
from credits.methodologies.ccx_soil import CcxSoil
from credits.methodologies.conservation_tillage import ConservationTillage
from credits.methodologies.estimates import Estimator
from credits.methodologies.ipcc_n2o import IpccN2o
from credits.methodologies.ipcc_residue_burning import IpccResidueBurning
from credits.methodologies.ipcc_rice_ch4 import IpccRiceCh4
from credits.methodologies.ipcc_soc_tier1 import IpccSocTier1
from credits.methodologies.measured_per_hectare import MeasuredPerHectare
from credits.methodologies.measured_soc import MeasuredSoc
from credits.methodologies.per_hectare import (
    RatePerHectare,
    RicePerHectare,
    SoilPerHectare,
    TillagePerHectare,
)
from credits.methodologies.practice_rate import PracticeRate
from credits.methodologies.rice_water import RiceWater
from credits.methodologies.situations import BySituation
from credits.programs.accu import ACCU_2018_25, ACCU_2018_100, ACCU_2021_25, ACCU_2021_100
from credits.programs.acorn import ACORN
from credits.programs.alberta import ALBERTA
from credits.programs.base import Program
from credits.programs.car_soil import CAR_SOIL
from credits.programs.carbofarm import CARBOFARM
from credits.programs.ccer import CCER
from credits.programs.ccx import CCX
from credits.programs.duke import DUKE
from credits.programs.indigo import INDIGO
from credits.programs.kenya import KENYA
from credits.programs.nori import NORI
from credits.programs.plan_vivo import PLAN_VIVO_4, PLAN_VIVO_5
from credits.programs.regen import REGEN

# Estimators that credit, as methodologies of projects.
BY_SITUATION: dict[str, BySituation] = {
    reading.estimator.id: BySituation(reading)
    for reading in (
        RatePerHectare(),
        SoilPerHectare(),
        TillagePerHectare(),
        RicePerHectare(),
        MeasuredPerHectare(),
    )
}
METHODOLOGIES: dict[str, Methodology] = {"ccx-soil": CcxSoil(), **BY_SITUATION}

# Whom anyone may ask, with inputs of one's own; beside those that count a project's fields.
ESTIMATORS: dict[str, Estimator] = {
    estimator.id: estimator
    for estimator in (
        PracticeRate(),
        IpccSocTier1(),
        IpccRiceCh4(),
        IpccN2o(),
        IpccResidueBurning(),
        MeasuredSoc(),
        ConservationTillage(),
        RiceWater(),
    )
}

PROGRAMS: dict[str, Program] = {
    program.id: program
    for program in (
        CCX,
        CCER,
        ALBERTA,
        PLAN_VIVO_4,
        PLAN_VIVO_5,
        CAR_SOIL,
        ACCU_2018_25,
        ACCU_2018_100,
        ACCU_2021_25,
        ACCU_2021_100,
        REGEN,
        ACORN,
        KENYA,
        INDIGO,
        CARBOFARM,
        NORI,
        DUKE,
    )
}

# Beside the registry, since a methodology is pure and may not translate.
METHODOLOGY_NAMES: dict[str, Promise] = {
    "ccx-soil": _("CCX soil carbon, rate lookup"),
    **{id: _(methodology.title) for id, methodology in BY_SITUATION.items()},
}
