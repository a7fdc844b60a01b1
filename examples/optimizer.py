#!/usr/bin/env python3
"""A client of flowlabd in the standard library only: plans, submits, waits, prints features.

    FLOWLAB_SOCKET=/run/flowlab/nanocrystal/control.sock python3 examples/optimizer.py
"""
import json, os, socket, sys

stream = socket.socket(socket.AF_UNIX)
stream.connect(os.environ.get("FLOWLAB_SOCKET", "/run/flowlab/nanocrystal/control.sock"))
lines = stream.makefile("rw", encoding="utf-8", newline="\n")

def call(method, **params):
    lines.write(json.dumps({"jsonrpc": "2.0", "id": method, "method": method, "params": params}) + "\n")
    lines.flush()
    reply = json.loads(lines.readline())
    if "error" in reply:
        error = reply["error"]
        sys.exit(f"{method}: {error['data']['kind']}: {error['message']} ({error['data']['hint']})")
    return reply["result"]

for cs in (80, 100):
    recipe = {"kind": "flows", "temperature_c": 140,
              "flows_ul_min": {"cui": 80, "oa_cui": 10, "ode_cui": 60, "cs_oleate": cs, "oa_cs": 15}}
    plan = call("experiments.plan", recipe=recipe)
    if not plan["feasible"]:
        print("infeasible:", *(f"{p['name']} {p['kind']}" for p in plan["problems"]))
        continue
    submitted = call("experiments.submit", recipe=recipe, key=f"optimizer.py-{cs}")
    print(submitted["experiment"], f"takes about {plan['duration_s']:.0f} s of bench time", flush=True)
    ended = call("experiments.wait", experiment=submitted["experiment"], timeout_s=3600)
    if ended["state"] != "done":
        print(ended["experiment"], ended["state"], ended["error"])
        continue
    for name, feature in sorted(ended["features"].items()):
        print(f"{name:12} {feature['mean']:.5g} +- {feature['sem']:.2g} {feature['unit']} (n = {feature['n']})")
