"""A peer that speaks the whole API from memory: what a small daemon without a bench would answer."""

from __future__ import annotations

import math
from typing import Any

from .support import Connection, Peer

BOX = ("temperature", "cui", "cs_oleate", "oa_cs", "oa_cui", "oam_cui", "reaction_time")
FINAL = ("done", "failed", "cancelled", "interrupted", "abandoned", "attached")
TIME = "2026-11-28T01:17:29.681Z"
PAGE = 3


class Refusal(Exception):
    def __init__(self, kind: str, **data: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.data = data


def peak(x: dict[str, float]) -> float:
    """What the pretended bench measures: one hill, with its top at 0.7 of each coordinate."""
    return 40_000 * math.exp(-sum((value - 0.7) ** 2 for value in x.values()))


def paged(rows: list[Any], number: int) -> tuple[list[Any], int]:
    return rows[(number - 1) * PAGE:number * PAGE], math.ceil(len(rows) / PAGE)


class ContractPeer:
    """`is_instant`: an experiment is done as soon as it is submitted; otherwise the first one heats for ever."""

    def __init__(self, is_instant: bool) -> None:
        self.is_instant = is_instant
        self.ends_when_waited_for: str | None = None
        """The state in which an experiment that runs ends once somebody waits for it."""
        self.fails: set[int] = set()
        """Which experiments fail, 1 is the first."""
        self.experiments: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.campaigns: dict[str, dict[str, Any]] = {}
        self.sequence = 0
        self.remaining = {"cui": 40_000.0, "pfo": 90_000.0}
        self.waste_used = 500.0
        self.station: dict[str, Any] = {
            "station": "rack", "kind": "supply", "holds": 24, "cuvettes": 24, "sample": None, "doubt": None,
            "since": "2026-01-01T00:00:00.000Z"}
        self.kept: list[Any] = []
        self.peer = Peer(self.handle)

    def handle(self, connection: Connection, request: dict[str, Any]) -> None:
        body = getattr(self, "on_" + request["method"].replace(".", "_"), None)
        if body is None:
            return connection.refuse(request, "method_not_found", hint="none")
        try:
            connection.answer(request, body(**{name.replace("from", "start"): value
                                               for name, value in request["params"].items()}))
        except Refusal as refusal:
            connection.refuse(request, refusal.kind, **refusal.data)
        except TypeError as error:
            connection.refuse(request, "invalid_params", detail=str(error), hint="see the contract")

    def on_rpc_discover(self) -> Any:
        names = [name[3:].replace("_", ".", 1) for name in dir(self) if name.startswith("on_")]
        return {"openrpc": "1.3.2", "methods": [{"name": name} for name in names]}

    # --- Campaigns ---

    def on_campaigns_create(self, name: str, key: str, metadata: Any = None) -> Any:
        for campaign in self.campaigns.values():
            if campaign["key"] == key:
                return {"campaign": campaign["campaign"]}
        made = f"c-{len(self.campaigns) + 1:06}"
        self.campaigns[made] = {
            "campaign": made, "name": name, "key": key, "metadata": metadata, "created": TIME, "created_by": 0}
        return {"campaign": made}

    def on_campaigns_get(self, campaign: str) -> Any:
        if campaign not in self.campaigns:
            raise Refusal("not_found", hint="campaigns.list")
        states: dict[str, int] = {}
        for experiment in self.experiments.values():
            if experiment["campaign"] == campaign:
                states[experiment["state"]] = states.get(experiment["state"], 0) + 1
        return {**self.campaigns[campaign], "states": states}

    def on_campaigns_list(self, after: str = "", limit: int = 50) -> Any:
        found = [self.on_campaigns_get(name) for name in sorted(self.campaigns) if name > after]
        return {"campaigns": found[:limit], "next": found[limit - 1]["campaign"] if len(found) > limit else None}

    # --- Experiments ---

    def on_recipes_schema(self) -> Any:
        parameters = [
            {"name": f"x.{name}", "type": "continuous", "minimum": 0, "maximum": 1, "unit": "1", "resolution": 0.001,
             "hard_to_change": name == "temperature", "required": True, "meaning": name} for name in BOX]
        return {"kinds": {
            "box": {"parameters": parameters, "constraints": []},
            "references": {"parameters": [], "constraints": []}},
            "metadata": {"free": True, "max_bytes": 16384}}

    def on_experiments_plan(self, recipe: Any) -> Any:
        problems = [
            {"kind": "above_limit", "name": f"x.{name}", "value": value, "limit": 1, "unit": "1", "hint": "0 to 1"}
            for name, value in recipe.get("x", {}).items() if value > 1]
        return {
            "feasible": not problems, "executed": recipe, "flows_ul_min": {"cui": 80.0}, "duration_s": 600.0,
            "waste_ul": 1200.0, "problems": problems, "warnings": [], "reagents_ul": {"cui": 100.0},
            "cost": {"duration_s": 600, "heating_s": 200, "flowing_s": 400, "references_s": 0,
                     "switching": {"temperature_k": 5, "heating_s": 60}}}

    def on_experiments_submit(
        self, recipe: Any, key: str, metadata: Any = None, campaign: str | None = None, priority: int = 0,
    ) -> Any:
        if key in self.keys:
            known = self.experiments[self.keys[key]]
            if known["recipe"] != recipe:
                raise Refusal("key_conflict", hint="another key")
            return {"experiment": known["experiment"], "state": known["state"], "position": 0}
        problems = self.on_experiments_plan(recipe)["problems"]
        if problems:
            raise Refusal("infeasible", problems=problems, hint="see problems")
        made = self.made(recipe, key, metadata, campaign, priority=priority)
        if len(self.experiments) in self.fails:
            made["error"] = {"kind": "device_lost", "device": "cui", "detail": "the pump is gone", "hint": "look at it"}
            self.end(made, "failed")
        elif self.is_instant:
            mean = peak(recipe["x"])
            made["features"] = {"pl_peak": {"mean": mean, "sem": 0.01 * mean, "n": 30, "unit": "counts"}}
            made["certificate"] = {"verdict": "steady", "swept_tau": 1.3, "required_tau": 1.2}
            self.end(made, "done")
        else:
            is_first = sum(each["state"] not in FINAL for each in self.experiments.values()) == 1
            made["state"] = "heating" if is_first else "queued"
        return {"experiment": made["experiment"], "state": made["state"], "position": 0}

    def made(self, recipe: Any, key: str | None, metadata: Any, campaign: str | None, **more: Any) -> dict[str, Any]:
        if campaign is not None and campaign not in self.campaigns:
            raise Refusal("unknown_campaign", hint="campaigns.list")
        made = {
            "experiment": f"e-{len(self.experiments) + 1:06}", "state": "queued", "recipe": recipe, "executed": recipe,
            "key": key, "metadata": metadata, "campaign": campaign, "features": None, "certificate": None,
            "error": None, "transitions": [], "simulated": True, "submitted_by": 0, "sequence": None, "flags": [],
            "origin": "bench", "source": None, "data": "none", "partial_features": None, "priority": 0, **more}
        self.experiments[made["experiment"]] = made
        if key is not None:
            self.keys[key] = made["experiment"]
        return made

    def end(self, experiment: dict[str, Any], state: str) -> Any:
        self.sequence += 1
        experiment.update(state=state, sequence=self.sequence, transitions=[{"state": state, "time": TIME}])
        return self.state(experiment)

    @staticmethod
    def state(experiment: dict[str, Any]) -> Any:
        return {"experiment": experiment["experiment"], "state": experiment["state"]}

    def on_experiments_get(self, experiment: str) -> Any:
        if experiment not in self.experiments:
            raise Refusal("not_found", hint="experiments.list")
        return self.experiments[experiment]

    def on_experiments_wait(self, experiment: str, timeout_s: float = 600) -> Any:
        found = self.on_experiments_get(experiment)
        if found["state"] not in FINAL and self.ends_when_waited_for is not None:
            self.end(found, self.ends_when_waited_for)
        return found

    def on_experiments_list(
        self, after: str = "", state: str | None = None, limit: int = 50, campaign: str | None = None,
        pending: bool = False,
    ) -> Any:
        found = [
            each for name, each in sorted(self.experiments.items())
            if name > after and state in (None, each["state"]) and campaign in (None, each["campaign"])
            and not (pending and each["state"] in FINAL)]
        return {
            "experiments": found[:limit], "next": found[limit - 1]["experiment"] if len(found) > limit else None}

    def on_experiments_results(self, since: int = 0, campaign: str | None = None, limit: int = PAGE) -> Any:
        ended = sorted(
            (each for each in self.experiments.values()
             if (each["sequence"] or 0) > since and campaign in (None, each["campaign"])),
            key=lambda each: each["sequence"])
        page = ended[:limit]
        return {
            "results": page, "next": page[-1]["sequence"] if page else since, "more": len(ended) > limit}

    def on_experiments_cancel(self, experiment: str) -> Any:
        return self.end(self.on_experiments_get(experiment), "cancelled")

    def on_experiments_hold(self, experiment: str, reason: str | None = None) -> Any:
        return self.moved(experiment, "queued", "held")

    def on_experiments_release(self, experiment: str) -> Any:
        return self.moved(experiment, "held", "queued")

    def moved(self, experiment: str, before: str, after: str) -> Any:
        found = self.on_experiments_get(experiment)
        if found["state"] != before:
            raise Refusal("not_holdable", hint="it is " + found["state"])
        found["state"] = after
        return self.state(found)

    def on_experiments_abandon(self, experiment: str, reason: str) -> Any:
        return self.end(self.on_experiments_get(experiment), "abandoned")

    def on_experiments_attach(
        self, recipe: Any, features: Any, source: str, key: str, metadata: Any = None, campaign: str | None = None,
    ) -> Any:
        if key in self.keys:
            return self.state(self.experiments[self.keys[key]])
        made = self.made(
            recipe, key, metadata, campaign, features=features, source=source, origin="external", data="complete")
        return self.end(made, "attached")

    # --- Stocks and archive ---

    def on_reagents_list(self) -> Any:
        reagents = [
            {"device": device, "reagent": device, "batch": None, "lot": None, "components_mm": {"cu": 7.5},
             "capacity_ul": 50_000.0, "remaining_ul": remaining, "used_ul": 50_000.0 - remaining, "uncertain_ul": 0.0,
             "filled": None, "filled_by": None, "low": False} for device, remaining in self.remaining.items()]
        return {"reagents": reagents, "waste": {
            "capacity_ul": 1e6, "used_ul": self.waste_used, "remaining_ul": 1e6 - self.waste_used, "emptied": None,
            "emptied_by": None}}

    def on_reagents_refill(
        self, device: str, volume_ul: float = 50_000.0, batch: str | None = None, lot: str | None = None,
        components_mm: Any = None, note: str | None = None,
    ) -> Any:
        if device not in self.remaining:
            raise Refusal("not_found", hint="reagents.list")
        self.remaining[device] = volume_ul
        return {"device": device, "remaining_ul": volume_ul}

    def on_reagents_empty_waste(self, note: str | None = None) -> Any:
        self.waste_used = 0.0
        return {"remaining_ul": 1e6}

    def on_stations_list(self) -> Any:
        return {"stations": [self.station]}

    def on_stations_set(
        self, station: str, cuvettes: int, sample: str | None = None, note: str | None = None,
    ) -> Any:
        if station != self.station["station"]:
            raise Refusal("unknown_station", hint="stations.list")
        self.station = {**self.station, "cuvettes": cuvettes, "sample": sample}
        return self.station

    def on_system_reload(self) -> Any:
        return {"applied": ["roles.admin"], "needs_restart": []}

    def on_recorder_dump(self, reason: str | None = None) -> Any:
        self.kept.append({
            "recording": f"{len(self.kept)}-request", "time": TIME, "cause": "request", "reason": reason or "",
            "segments": 1, "bytes": 4096})
        return {"recording": self.kept[-1]["recording"]}

    def on_recorder_list(self) -> Any:
        return {
            "recording": True, "trouble": None, "limit_bytes": 512_000_000, "bytes": 16_777_216, "lost_records": 0,
            "ring": "/var/lib/flowlab/test/recorder", "directory": "/var/lib/flowlab/test/recordings",
            "kept": self.kept}

    def on_references_list(self) -> Any:
        return {"references": [
            {"device": "spec_abs", "kind": kind, "time": TIME, "age_s": 5.0, "integration_s": 0.015, "frames": 100,
             "valid": True, "reason": None} for kind in ("dark", "reference")]}

    def on_signals_history(self, signal: str, start: str = "", to: str = "~", limit: int = PAGE) -> Any:
        times = [f"2026-11-28T01:00:{second:02}.000Z" for second in range(10)]
        found = [time for time in times if start <= time <= to]
        points = [{"time": time, "value": 25.0, "minimum": 24.9, "maximum": 25.1, "n": 10, "quality": "good"}
                  for time in found[:limit]]
        return {"signal": signal, "unit": "degC", "points": points,
                "next": found[limit] if len(found) > limit else None}

    def on_archive_export(self, table: str, campaign: str | None = None, page: int = 1) -> Any:
        rows = [each for each in self.experiments.values() if campaign in (None, each["campaign"])]
        here, pages = paged(rows, page)
        lines = [f'{each["experiment"]},{each["state"]},"a note, on\r\ntwo lines"' for each in here]
        return {"table": table, "page": page, "pages": pages, "csv": "\r\n".join(["experiment,state,note", *lines, ""])}
