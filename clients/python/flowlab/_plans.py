"""Plans as the daemon tells them. `raw` of each is the whole JSON object as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import _json
from ._json import Json
from ._recipes import Recipe, recipe_from_json


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a recipe cannot run."""

    kind: str
    name: str
    value: float | None
    limit: float | None
    unit: str
    hint: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Problem:
        return cls(
            _json.text(raw, "kind"), _json.maybe_text(raw, "name") or "", _json.maybe_number(raw, "value"),
            _json.maybe_number(raw, "limit"), _json.maybe_text(raw, "unit") or "", _json.maybe_text(raw, "hint") or "",
            raw)

    def __str__(self) -> str:
        value = "" if self.value is None else f" = {self.value:g} {self.unit}".rstrip()
        limit = "" if self.limit is None else f" (limit {self.limit:g})"
        return f"{self.name}{value}: {self.kind}{limit}; {self.hint}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan takes from the present state of the bench, in bench seconds."""

    duration_s: float | None
    heating_s: float | None
    flowing_s: float | None
    references_s: float | None
    switching_temperature_k: float | None
    switching_heating_s: float | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Cost:
        switching = _json.maybe_members(raw, "switching") or {}
        return cls(
            _json.maybe_number(raw, "duration_s"), _json.maybe_number(raw, "heating_s"),
            _json.maybe_number(raw, "flowing_s"), _json.maybe_number(raw, "references_s"),
            _json.maybe_number(switching, "temperature_k"), _json.maybe_number(switching, "heating_s"), raw)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the daemon would do about a recipe, or everything that is wrong with it. Times are bench time."""

    feasible: bool
    executed: Recipe | None
    """In the form that was asked, rounded to what the devices resolve."""
    temperature_c: float | None
    """Of the plate; None for recipes that heat nothing."""
    flows_ul_min: Mapping[str, float]
    reaction_time_s: float | None
    residence_time_s: float | None
    equilibrium_time_s: float | None
    duration_s: float | None
    reagents_ul: Mapping[str, float]
    remaining_after_ul: Mapping[str, float]
    waste_ul: float | None
    cost: Cost | None
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Plan:
        return cls(
            feasible=_json.flag(raw, "feasible"),
            executed=_json.maybe_object(raw, "executed", recipe_from_json),
            temperature_c=_json.maybe_number(raw, "temperature_c"),
            flows_ul_min=_json.numbers(raw, "flows_ul_min"),
            reaction_time_s=_json.maybe_number(raw, "reaction_time_s"),
            residence_time_s=_json.maybe_number(raw, "residence_time_s"),
            equilibrium_time_s=_json.maybe_number(raw, "equilibrium_time_s"),
            duration_s=_json.maybe_number(raw, "duration_s"),
            reagents_ul=_json.numbers(raw, "reagents_ul"),
            remaining_after_ul=_json.numbers(raw, "remaining_after_ul"),
            waste_ul=_json.maybe_number(raw, "waste_ul"),
            cost=_json.maybe_object(raw, "cost", Cost.from_json),
            warnings=_json.texts(raw, "warnings"),
            problems=_json.rows(raw, "problems", Problem.from_json),
            raw=raw)
