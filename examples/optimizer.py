#!/usr/bin/env python3
"""An optimizer on the Python client: maximises pl_peak over the bench's box of recipes. Random points first, then steps
from the best one, shorter and shorter. Stopped and started again, it goes on where it was: all that it knows is in the
results of its campaign, and point N is always asked for under the key N.

    pip install ./clients/python        # or PYTHONPATH=clients/python
    FLOWLAB_SOCKET=/run/flowlab/nanocrystal/control.sock python3 examples/optimizer.py [EXPERIMENTS]
"""
import random
import sys

import flowlab

experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 30
with flowlab.Client() as client:
    names = client.schema().box
    campaign = client.create_campaign("optimizer.py", key="optimizer.py")
    for pending in client.experiments(campaign=campaign, pending=True):
        client.wait(pending)  # an earlier run asked for it
    data = flowlab.Dataset(client.results(campaign=campaign))
    print(f"campaign {campaign.id}: {len(data)} of {experiments} experiments have ended before", flush=True)
    while (number := len(data)) < experiments:
        draw, best = random.Random(number), data.best("pl_peak")
        point = [draw.random() for _ in names]
        if number >= 6 and best and isinstance(best.recipe, flowlab.Box):
            step = max(0.03, 0.3 * 0.93 ** (number - 6))
            point = [min(1, max(0, best.recipe.x[name] + draw.gauss(0, step))) for name in names]
        try:
            last = client.run(flowlab.Box.of(names, point), campaign=campaign, key=f"{campaign.id}/{number}")
            print(last.id, "pl_peak", last.mean("pl_peak"), "+-", last.sem("pl_peak"), flush=True)
        except flowlab.ExperimentFailed as failed:
            print(failed, flush=True)  # it stays in the data, without a value
        data.update(client.results(since=data.since, campaign=campaign))
