"""Asks a methodology as a stranger does: inputs as JSON, valid by its published schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from credits.estimating import estimation


class Answer:
    """The answer's JSON, its terms by name."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.terms = {term["name"]: term["value"] for term in told["terms"]}
        self.cautions = [caution["code"] for caution in told["cautions"]]

    def __getitem__(self, name: str) -> Any:
        return self.terms[name]

    def kg(self, gas: str) -> float:
        return float(self.told["gases_kg"][gas])

    @property
    def co2e_t(self) -> float:
        return float(self.told["co2e_kg"]) / 1000


def ask(id: str, inputs: dict[str, Any]) -> Answer:
    estimator = estimation.find_estimator(id)
    jsonschema.validate(inputs, estimation.describe_schema(estimator))
    return Answer(estimation.answer_estimate(estimator, estimation.read_inputs(json.dumps(inputs))))
