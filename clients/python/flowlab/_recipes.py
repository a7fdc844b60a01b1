"""What an experiment is asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _json
from ._json import Json


@dataclass(frozen=True, slots=True)
class Flows:
    """Explicit flows and a plate temperature.

    The balancing pump and the carrier follow from the bench's rules and may be left out; so may pumps that stand still.
    """

    temperature_c: float
    flows_ul_min: Mapping[str, float]
    """By pump."""
    ramp_k_min: float | None = None
    """The set point moves at most this fast; None: at once."""
    valves: Mapping[str, str] | None = None
    """Positions by valve; one that is not named stands at its home."""
    sample: str | None = None
    """The station for a cuvette with the measured product; None: none is taken."""
    raw: Json = field(default_factory=dict[str, Any], repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        flows = {name: float(flow) for name, flow in self.flows_ul_min.items()}
        recipe = {"kind": "flows", "temperature_c": float(self.temperature_c), "flows_ul_min": flows}
        return _with_options(recipe, self.ramp_k_min, self.valves, self.sample)

    @classmethod
    def from_json(cls, raw: Json) -> Flows:
        flows = _json.numbers(raw, "flows_ul_min")
        ramp = _json.maybe_number(raw, "ramp_k_min")
        return cls(_json.number(raw, "temperature_c"), flows, ramp, _valves(raw), _sample(raw), raw)


@dataclass(frozen=True, slots=True)
class Box:
    """A point of the campaign's unit box: each coordinate 0 to 1, all of them needed. `Client.schema` names them."""

    x: Mapping[str, float]
    ramp_k_min: float | None = None
    valves: Mapping[str, str] | None = None
    sample: str | None = None
    raw: Json = field(default_factory=dict[str, Any], repr=False, compare=False)

    @classmethod
    def of(cls, names: Iterable[str], values: Iterable[float], *, ramp_k_min: float | None = None) -> Box:
        """From a vector, as optimizers have them. Raises `ValueError` when the lengths differ."""
        return cls({name: float(value) for name, value in zip(names, values, strict=True)}, ramp_k_min)

    def to_json(self) -> dict[str, Any]:
        recipe = {"kind": "box", "x": {name: float(value) for name, value in self.x.items()}}
        return _with_options(recipe, self.ramp_k_min, self.valves, self.sample)

    @classmethod
    def from_json(cls, raw: Json) -> Box:
        return cls(_json.numbers(raw, "x"), _json.maybe_number(raw, "ramp_k_min"), _valves(raw), _sample(raw), raw)


@dataclass(frozen=True, slots=True)
class References:
    """Dark and reference spectra of all spectrometers that need them. Its record has no features."""

    raw: Json = field(default_factory=dict[str, Any], repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "references"}

    @classmethod
    def from_json(cls, raw: Json) -> References:
        return cls(raw)


@dataclass(frozen=True, slots=True)
class OtherRecipe:
    """A kind that this version of the package does not know; `raw` is all of it."""

    kind: str
    raw: Json = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        return {**self.raw, "kind": self.kind}


Recipe = Flows | Box | References | OtherRecipe
RecipeLike = Recipe | Mapping[str, Any]
"""A recipe, or the JSON object of one."""


def _with_options(
    recipe: dict[str, Any], ramp_k_min: float | None, valves: Mapping[str, str] | None, sample: str | None,
) -> dict[str, Any]:
    if ramp_k_min is not None:
        recipe["ramp_k_min"] = float(ramp_k_min)
    if valves is not None:
        recipe["valves"] = dict(valves)
    if sample is not None:
        recipe["sample"] = {"to": sample}
    return recipe


def _valves(raw: Json) -> dict[str, str] | None:
    valves = raw.get("valves")
    return None if valves is None else {name: _json.text(valves, name) for name in _json.members(valves)}


def _sample(raw: Json) -> str | None:
    sample = raw.get("sample")
    return None if sample is None else _json.text(_json.members(sample, "sample"), "to")


def recipe_to_json(recipe: RecipeLike) -> dict[str, Any]:
    return dict(recipe) if isinstance(recipe, Mapping) else recipe.to_json()


def recipe_from_json(raw: Json) -> Recipe:
    match _json.text(raw, "kind"):
        case "flows":
            return Flows.from_json(raw)
        case "box":
            return Box.from_json(raw)
        case "references":
            return References.from_json(raw)
        case other:
            return OtherRecipe(other, raw)
