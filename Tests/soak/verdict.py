"""What is judged, and the table of figures."""

import bisect
import collections
import sqlite3
import statistics

from campaign import FINAL
from shared import quantile
from support import Score

# MiB, from the first to the last third after the warm-up. docs/soak.md says where it comes from.
MOST_GROWTH_MIB = 6.0
WARM_UP_S = 30
# What witnesses must have lost to the machine, in sum and at about that time, for each wake of the loop that is more than
# a scan period late, and for each that is 100 ms late.
LOST_US, MUCH_LOST_US = 10_000, 50_000
# What remains without a reason, in wakes: a machine with other guests is never quite explained.
MOST_MISSED = 1 / 2000
# Wakes of the loop this much later under storm than in calm are the clients' doing, unless the witnesses are late too.
LATER_US = {0.5: 500, 0.99: 5000}
LONGEST_ANSWER_S = 10
LEAST_SHARE = 0.3
HOTTEST_C = 205
ORDERLY_END_S = 6
# Clients that the daemon has at a time: 128, 16 beyond, and 64 who have still to take their last answers; and room for
# links that come and go, and for those who were let in and are not counted yet.
MOST_CLIENTS = 128 + 16 + 64 + 32


def thirds(values):
    """Medians of the first and the last third."""
    part = max(1, len(values) // 3)
    return statistics.median(values[:part]), statistics.median(values[-part:])


def merged(histograms):
    found = collections.Counter()
    for histogram in histograms:
        for begin, end, count in histogram:
            found[begin, end] += count
    return [(begin, end, count) for (begin, end), count in sorted(found.items())]


class Verdict:
    def __init__(self):
        self.score = Score()

    def judge(self, soak):
        for part in (self.memory, self.descriptors, self.punctuality, self.subscribers, self.readers, self.daemon, self.archive,
                     self.plant):
            self.score.section(part.__name__, lambda part=part: part(soak))

    def none(self, text, problems):
        self.score.check(text, not problems, "; ".join(map(str, list(problems)[:5])))

    # --- What is judged ---------------------------------------------------------------------------------------------------------

    @staticmethod
    def resident(soak):
        """Of the storms after the warm-up."""
        began = soak.watch.samples[0][0]
        return [mib for at, mode, mib, *_ in soak.watch.samples if mode == "storm" and at - began > WARM_UP_S]

    def memory(self, soak):
        first, last = thirds(self.resident(soak))
        self.score.check(f"memory grows by no more than {MOST_GROWTH_MIB:g} MiB after the warm-up", last - first <= MOST_GROWTH_MIB,
                         f"{first:.1f}, then {last:.1f} MiB")

    def descriptors(self, soak):
        for baseline, name, text in (
                ("friends", "without_hostile", "descriptors are as before once the hostile clients are gone"),
                ("alone", "without_clients", "and as at first once all clients are gone")):
            before, after = (collections.Counter(self.kind(one) for one in soak.open[name]) for name in (baseline, name))
            self.score.check(text, after.total() <= before.total(), f"{dict(before)}, then {dict(after)}")

        most = len(soak.open["alone"]) + MOST_CLIENTS
        self.score.check(f"descriptors are never more than {most}, whatever clients do", soak.watch.most_descriptors <= most,
                         soak.watch.most_descriptors)
        kept = soak.results["hostile"]["kept"]
        self.score.check("who says goodbye and does not read its answers is let go", kept == 0, f"{kept} were not")

    @staticmethod
    def kind(link):
        return link.split(":")[0] if link.startswith(("socket:", "anon_inode:")) else link

    @staticmethod
    def stalls(soak, mode=None):
        """When the machine kept a witness waiting for a millisecond or more, and for how many us; of all or one mode."""
        found = sorted((at, us) for one in soak.results["witnesses"] for at, us in one["stalls"])
        samples = soak.watch.samples
        spans = [(before, at) for (before, *_), (at, what, *_) in zip(samples, samples[1:]) if what == mode]
        return [one for one in found if mode is None or any(begin < one[0] <= end for begin, end in spans)]

    def unexplained(self, soak, mode, which, lost_us):
        """Wakes of the loop that were too late (`which` 0: by a scan period; 1: by 100 ms) and for which the machine took
        too little from the witnesses."""
        stalls, found = self.stalls(soak), 0
        times = [at for at, _ in stalls]
        for (before, *_), (at, what, _, *missed) in zip(soak.watch.samples, soak.watch.samples[1:]):
            if what == mode and missed[which]:
                # The loop's figures are half a second old.
                near = stalls[bisect.bisect(times, before - 1):bisect.bisect(times, at + 0.1)]
                found += max(0, missed[which] - int(sum(us for _, us in near) / lost_us))
        return found

    def missed(self, soak):
        """By mode, the share of wakes that are late without a reason."""
        return {mode: self.unexplained(soak, mode, 0, LOST_US) / max(1, soak.watch.loop[mode]["deadlines"])
                for mode in ("calm", "storm")}

    def late(self, soak, mode, part):
        """Of the loop, and of the witnesses, us."""
        return (quantile(soak.watch.lateness(mode), part),
                quantile(merged(one["late"][mode] for one in soak.results["witnesses"]), part))

    def punctuality(self, soak):
        why = ("the control loop has no real-time priority here" if not soak.watch.has_priority
               else "not judged, as asked for" if soak.options.times == "told" else None)
        if why:
            print(f"told     {why}: how late it is, is in the table", flush=True)
            return
        much = self.unexplained(soak, "storm", 1, MUCH_LOST_US)
        self.score.check("no wake of the control loop is 100 ms late but where the machine stood still", much == 0, much)
        share = self.missed(soak)
        self.score.check("none is a scan period late for the clients' sake", share["storm"] <= max(MOST_MISSED, share["calm"]),
                         f"1 in {1 / max(share['storm'], 1e-9):.0f}, in the calm 1 in {1 / max(share['calm'], 1e-9):.0f}")
        for part, later_us in LATER_US.items():
            (calm, calm_witness), (storm, storm_witness) = (self.late(soak, mode, part) for mode in ("calm", "storm"))
            beyond = storm - calm - max(0, storm_witness - calm_witness)
            self.score.check(f"p{part * 100:.0f} of its lateness is no more than {later_us} us worse in storms than in calms",
                             beyond <= later_us, f"{calm:.0f}, then {storm:.0f} us; witness {calm_witness:.0f}, then {storm_witness:.0f}")
        stalls = [at for at, us in self.stalls(soak) if us >= LOST_US]
        self.none("no alarm loop-late but where the machine stood still",
                  [at for at in soak.technician.late_alarm_at if not any(at - 45 < stall < at for stall in stalls)])

    def subscribers(self, soak):
        found = soak.results["subscribers"]
        self.none(f"{len(found['messages'])} subscribers get every event once, in order, none after a gap",
                  [fault for one in found["faults"] for fault in one])
        self.none("and have all of them at the end", [count for count in found["behind"] if count])
        self.score.check("there were events to lose", min(found["messages"]) > 1000, found["messages"])

    def readers(self, soak):
        found = soak.results["readers"]
        self.none("every answer of a reader is that to its question, and none is an error", found["faults"])
        mean = statistics.mean(found["answers"])
        self.score.check(f"no reader gets less than {LEAST_SHARE:g} of the mean", min(found["answers"]) >= LEAST_SHARE * mean > 0,
                         found["answers"])
        self.score.check(f"none waits longer than {LONGEST_ANSWER_S} s", max(found["longest_s"]) <= LONGEST_ANSWER_S,
                         found["longest_s"])

    def daemon(self, soak):
        for worker in (soak.campaign, soak.technician, soak.breaker):
            self.none(f"the {type(worker).__name__.lower()} met nothing unexpected", worker.faults)
        self.score.check("experiments are done", soak.campaign.count("done") > 0, soak.campaign.ended)
        self.score.check("things were broken, and storms came", soak.breaker.broken > 0 and soak.results["hostile"]["opened"] > 1000,
                         soak.results["hostile"])
        self.score.check("all devices are there again", soak.devices == {"ready": 12}, soak.devices)
        self.score.check("the daemon serves at the end", soak.status["bench"] == "nanocrystal", soak.status)
        self.score.check(f"it ends in order on SIGTERM, within {ORDERLY_END_S} s", soak.exit_code == 0 and soak.end_s < ORDERLY_END_S,
                         f"code {soak.exit_code} after {soak.end_s:.1f} s")

    def archive(self, soak):
        database = sqlite3.connect(f"file:{soak.daemon.socket.rsplit('/', 1)[0]}/state/archive.sqlite?mode=ro", uri=True)
        rows = lambda text: database.execute(text).fetchall()  # noqa: E731
        self.none("PRAGMA integrity_check", [row for row in rows("PRAGMA integrity_check") if row[0] != "ok"])
        self.none("PRAGMA foreign_key_check", rows("PRAGMA foreign_key_check"))
        kept = rows("SELECT key, experiment FROM experiments")
        self.score.check("every submit that was answered is kept once, and nothing else",
                         sorted(kept) == sorted(soak.campaign.given.items()), f"{len(kept)} of {len(soak.campaign.given)}")
        states = dict(rows("SELECT experiment, state FROM experiments"))
        self.none("what was told to have ended is kept as it was told",
                  [f"{name}: {state}, kept as {states.get(name)}" for name, state in soak.campaign.ended.items()
                   if states.get(name) != state])
        numbers = [row[0] for row in rows("SELECT sequence FROM experiments WHERE is_final = 1 ORDER BY sequence")]
        self.score.check("ends are numbered without hole", numbers == list(range(1, len(numbers) + 1)), numbers)
        self.none("the list told the same experiments",
                  {one["experiment"] for one in soak.records} ^ {name for _, name in kept})
        self.none("nothing runs on in the archive", [name for name, state in states.items() if state not in FINAL | {"queued", "held"}])
        database.close()

    def plant(self, soak):
        self.none("truth: after the end no pump is set to flow and nothing heats", soak.truth.dangers)
        self.score.check(f"truth: the plate was never above {HOTTEST_C} degC", soak.truth.hottest <= HOTTEST_C, soak.truth.hottest)

    # --- The table ----------------------------------------------------------------------------------------------------------------

    def table(self, soak):
        first, last = thirds(self.resident(soak))
        alone, friends = (len(soak.open[name]) for name in ("alone", "friends"))
        hostile, readers, subscribers = (soak.results[name] for name in ("hostile", "readers", "subscribers"))
        calm_s, storm_s = (soak.watch.seconds[mode] for mode in ("calm", "storm"))
        lost = {mode: [us for _, us in self.stalls(soak, mode)] for mode in ("calm", "storm")}
        worst = max((us for one in lost.values() for us in one), default=0)
        head = f"{'figure':<38}{'calm':>12}{'storm':>12}  unit"
        rows = [("time", calm_s, storm_s, "s")]
        for part in (0.5, 0.99):
            (calm, calm_witness), (storm, storm_witness) = (self.late(soak, mode, part) for mode in ("calm", "storm"))
            rows += [(f"loop lateness p{part * 100:.0f}", calm, storm, "us"),
                     (f"  witness (timerfd) p{part * 100:.0f}", calm_witness, storm_witness, "us")]
        rows += [("loop deadlines", *(soak.watch.loop[mode]["deadlines"] for mode in ("calm", "storm")), ""),
                 ("loop overruns", *(soak.watch.loop[mode]["overruns"] for mode in ("calm", "storm")), ""),
                 ("  of them without a reason", *(self.unexplained(soak, mode, 0, LOST_US) for mode in lost), ""),
                 ("machine's part: lost by witnesses", *(sum(lost[mode]) / 1000 / soak.watch.seconds[mode] for mode in lost),
                  f"ms/s; worst {worst / 1000:.0f} ms")]
        for part in (0.5, 0.99):
            rows.append((f"reader's answer p{part * 100:.0f}", *(quantile(readers["times"][m], part) for m in ("calm", "storm")), "us"))
        rows += [("answers to readers", *(sum(n for *_, n in readers["times"][m]) / soak.watch.seconds[m] for m in ("calm", "storm")),
                  "1/s"),
                 ("memory, first and last third", first, last, "MiB"),
                 ("descriptors, without and with friends", alone, friends, f"most {soak.watch.most_descriptors}"),
                 ("  once all hostile and all clients left", len(soak.open["without_hostile"]), len(soak.open["without_clients"]), ""),
                 ("connections in storms", "-", hostile["rate"], f"1/s; {hostile['opened']}, in a burst {hostile['fastest']:.0f}/s"),
                 ("messages to a subscriber", min(subscribers["messages"]), sum(subscribers["messages"]), "least, all")]
        print(head)
        for name, calm, storm, unit in rows:
            print(f"{name:<38}" + "".join(f"{self.short(one):>12}" for one in (calm, storm)) + f"  {unit}")
        told = ", ".join(f"{count} {name}" for name, count in hostile.items() if isinstance(count, int))
        print(f"hostile: {told}\nbench: {len(soak.campaign.given)} experiments, {soak.campaign.count('done')} done, "
              f"{soak.campaign.count('failed')} failed; {soak.breaker.broken} faults, {soak.technician.resets} resets, "
              f"{soak.technician.fillings} fillings\nmachine: others took {soak.noise['others_percent']:.0f} % of a core, the "
              f"hypervisor {soak.noise['steal_percent']:.0f} %", flush=True)

    @staticmethod
    def short(value):
        return value if isinstance(value, str) else f"{value:.1f}" if isinstance(value, float) and value < 1000 else f"{value:.0f}"
