import Configuration
import Testing

/// The small bench with all that experiments can be given: an absorption cell, references, a flush, a box, a ledger.
enum FullBench {
    static let text =
        TestBench.text
        .replacing(
            "[devices.a]",
            with: """
                [links.eye_two]
                tcp = "127.0.0.1:57358"
                [devices.eye_two]
                driver = "ocean-hdx"
                link = "eye_two"
                [devices.a]
                """
        )
        .replacing(
            "[network.detectors.eye]",
            with: """
                [network.detectors.eye]
                tube = { to = "eye_two", id_mm = 1.016, length_mm = 100 }
                [network.detectors.eye_two]
                """
        )
        .replacing("outlet = \"eye\"", with: "outlet = \"eye_two\"")
            + """

            [experiments]
            heater = "heater"
            spectrometer = "eye"
            absorption_spectrometer = "eye_two"
            burst = { frames = 40, integration = "15ms", count = 5, every = "2s" }
            probe = { frames = 24, integration = "15ms", every = "600ms" }
            mixing_flow_ul_min = 600
            interrupted = "fail"
            flow_rise = "6s"

            [references]
            flows_ul_min = { oil = 600 }
            swept_tau = 1.3
            frames = 100
            steady_drift_limit = 0.05
            dark_max_age = "8h"
            reference_max_age = "4h"

            [flush]
            flows_ul_min = { a = 150, oil = 300 }
            for = "5min"

            [box]
            temperature_c = [120, 150]
            reaction_time_s = [25, 42]
            section = "reactor"
            filler = "a"
            [box.shares]

            [ledger]
            waste_capacity_ml = 1000
            low_percent = 10
            require_batch = false
            [[ledger.ratios]]
            component = "oa"
            per = "cs"
            at_least = 5.0
            response = "Make it anew."

            [reagents.cs]
            components_mm = { cs = 30.2, oa = 219 }
            """

    static func said(_ breakage: Breakage) -> [String] {
        guard let range = text.firstRange(of: breakage.old) else { return ["the bench has no \(breakage.old)"] }
        var changed = text
        changed.replaceSubrange(range, with: breakage.new)
        return TestBench.said(of: changed)
    }
}

/// Slips in what experiments, references, flush, box, ledger and reagents are told, with the exact words that they earn.
@Suite struct ConfigurationExperimentTests {
    @Test(arguments: experiments + references + flush + box + ledger)
    func eachSlipIsNamed(_ breakage: Breakage) { #expect(FullBench.said(breakage) == breakage.said) }

    static let experiments = [
        Breakage(
            "absorption_spectrometer = \"eye_two\"",
            "absorption_spectrometer = \"eye_to\"",
            "experiments.absorption_spectrometer = \"eye_to\": expected a spectrometer of this bench, one of eye_two, eye; did you mean \"eye_two\"?"
        ),
        Breakage(
            "absorption_spectrometer = \"eye_two\"",
            "absorption_spectrometer = \"eye\"",
            "experiments.absorption_spectrometer = \"eye\": expected another one than spectrometer"),
        Breakage(
            "absorption_spectrometer = \"eye_two\"",
            "",
            "references: nobody needs them; expected absorption_spectrometer in [experiments]"),
        Breakage(
            "count = 5, every = \"2s\"",
            "count = 0, every = \"2s\"",
            "experiments.burst.count = 0: expected a whole number, 1 to 100 (bursts in one measurement)"),
        Breakage(
            "count = 5, every = \"2s\"",
            "count = 5, every = \"500ms\"",
            "experiments.burst.every: the frames of one burst take 600ms; expected at least that"),
        Breakage(
            "count = 5, every = \"2s\"",
            "count = 40, every = \"2s\"",
            "experiments.measuring_deadline: the bursts of a measurement take 78600ms; expected more than that"),
        // Absorbance needs a dark and a reference of the same integration time, and there is one of each.
        Breakage(
            "frames = 24, integration = \"15ms\"",
            "frames = 24, integration = \"20ms\"",
            "experiments.probe.integration = \"20ms\": expected that of burst, 15ms: both are compared with one reference"
        ),
        Breakage(
            "mixing_flow_ul_min = 600",
            "mixing_flow_ul_min = -1",
            "experiments.mixing_flow_ul_min = -1: expected a number in uL/min, 0 to 1000000 (a smaller total flow is warned of: mixing limits the reaction)"
        ),
        Breakage(
            "interrupted = \"fail\"",
            "interrupted = \"retry\"",
            "experiments.interrupted = \"retry\": expected one of fail, requeue (what becomes of an experiment that ran when the daemon died)"
        ),
        Breakage(
            "flow_rise = \"6s\"",
            "flow_rise = \"90s\"",
            "experiments.flow_rise = \"90s\": expected less than flowing_deadline"),
        Breakage(
            "flow_rise = \"6s\"",
            "flow_rise = 6",
            "experiments.flow_rise = 6: expected a duration as text with ms, s, min or h, \"0ms\" to \"10min\" of bench time (volume counts once all flows were reported for this long)"
        ),
    ]

    static let references = [
        Breakage(
            "flows_ul_min = { oil = 600 }",
            "",
            "references.flows_ul_min: missing; expected a table of flows in uL/min by pump, as { pfo = 600 }, each 0.001 to 100000 (by pump)"
        ),
        Breakage(
            "{ oil = 600 }",
            "{ oill = 600 }",
            "references.flows_ul_min.oill: no pump of this bench; expected one of a, b, oil; did you mean \"oil\"?"),
        Breakage(
            "{ oil = 600 }",
            "{ oil = 20000 }",
            "references.flows_ul_min.oil = 20000: expected 0.1 to 10000 uL/min, the limits of its syringe"),
        Breakage(
            "swept_tau = 1.3",
            "swept_tau = 0.9",
            "references.swept_tau = 0.9: expected a number in units of tau, 1 to 20 (residence times of these flows before the reference is taken)"
        ),
        Breakage(
            "frames = 100",
            "frames = 1",
            "references.frames = 1: expected a whole number, 2 to 1000 (spectra that are averaged)"),
        Breakage(
            "dark_max_age = \"8h\"",
            "dark_max_age = \"8 hours\"",
            "references.dark_max_age = \"8 hours\": expected a duration as text with ms, s, min or h, \"1min\" to \"168h\" of bench time (an older dark spectrum is not used)"
        ),
        Breakage(
            "reference_max_age = \"4h\"",
            "reference_maxage = \"4h\"",
            "references.reference_maxage: no such key; did you mean \"reference_max_age\"?"),
    ]

    static let flush = [
        Breakage(
            "flows_ul_min = { a = 150, oil = 300 }",
            "flows_ul_min = {}",
            "flush.flows_ul_min = a table: expected a table of flows in uL/min by pump, as { pfo = 600 }, each 0.001 to 100000 (by pump)"
        ),
        Breakage(
            "{ a = 150, oil = 300 }",
            "{ a = 150, heater = 300 }",
            "flush.flows_ul_min.heater: no pump of this bench; expected one of a, b, oil"),
        Breakage(
            "for = \"5min\"",
            "for = \"5h\"",
            "flush.for = \"5h\": expected a duration as text with ms, s, min or h, \"1s\" to \"2h\" of bench time (how long it flushes)"
        ),
    ]

    static let box = [
        Breakage(
            "temperature_c = [120, 150]",
            "temperature_c = [150, 120]",
            "box.temperature_c = [150, 120]: expected an array of two numbers in degC, the smaller one first, -200 to 2000 (of the input temperature)"
        ),
        Breakage(
            "temperature_c = [120, 150]",
            "temperature_c = [120, 170]",
            "box.temperature_c = [120, 170]: expected 20 to 160 degC, the limits of the heater"),
        Breakage(
            "reaction_time_s = [25, 42]",
            "reaction_time_s = [0, 42]",
            "box.reaction_time_s = [0, 42]: expected an array of two numbers in s, the smaller one first, 0.1 to 86400 (of the input reaction_time, in the section)"
        ),
        Breakage(
            "section = \"reactor\"",
            "section = \"reaktor\"",
            "box.section = \"reaktor\": expected a section of a tube, one of reactor, to_cross, to_eye_two; did you mean \"reactor\"?"
        ),
        Breakage(
            "filler = \"a\"",
            "filler = \"b\"",
            "box.filler = \"b\": expected a pump of the first stream, one of a"),
        Breakage(
            "[box.shares]",
            "[box.shares]\na = [0.5, 1.1]",
            "box.shares.a = [0.5, 1.1]: expected an array of two numbers, the smaller one first, 0 to 1 (of the pump's share of its stream)"
        ),
        Breakage(
            "[box.shares]",
            "[box.shares]\nb = [0.5, 1]",
            "box.shares.b: no pump whose flow is chosen; expected one of a"),
        Breakage(
            "[box.shares]",
            "[box.shares]\na = [0.5, 0.6]",
            "box.filler = \"a\": expected a pump that has no share of its own"),
    ]

    static let ledger = [
        Breakage(
            "waste_capacity_ml = 1000",
            "waste_capacity_ml = 0",
            "ledger.waste_capacity_ml = 0: expected a number in mL, 1 to 1000000 (what the waste container holds; left out: not limited)"
        ),
        Breakage(
            "low_percent = 10",
            "low_percent = 95",
            "ledger.low_percent = 95: expected a number in %, 0 to 90 (an alarm when less than this is left of a filling)"
        ),
        Breakage(
            "require_batch = false",
            "require_batch = \"no\"",
            "ledger.require_batch = \"no\": expected true or false (whether experiments need a batch recorded for each reagent they use)"
        ),
        Breakage(
            "require_batch = false",
            "require_batches = false",
            "ledger.require_batches: no such key; did you mean \"require_batch\"?"),
        Breakage(
            "component = \"oa\"",
            "component = \"Oleic acid\"",
            "ledger.ratios[1].component = \"Oleic acid\": expected a name of a-z, 0-9 and _, beginning with a letter, 40 letters at most (what must be there)"
        ),
        Breakage(
            "at_least = 5.0",
            "at_least = -5.0",
            "ledger.ratios[1].at_least = -5: expected a number, 0 to 1000000 (the least ratio of their molarities)"),
        Breakage(
            "response = \"Make it anew.\"",
            "",
            "ledger.ratios[1].response: missing; expected a text of 1 to 2000 bytes (what the operator shall do)"),
        Breakage(
            "[reagents.cs]",
            "[reagents.cx]",
            "reagents.cx: no syringe holds it; expected one of cs, cui, oil"),
        Breakage(
            "components_mm = { cs = 30.2, oa = 219 }",
            "components_mm = { cs = 30.2, oa = -1 }",
            "reagents.cs.components_mm = a table: expected a table of molarities in mM by component, as { cs = 30.2, oa = 219 }, each 0 to 1000000 (what the stock is made of)"
        ),
        Breakage(
            "components_mm = { cs = 30.2, oa = 219 }",
            "components_mm = { cs = 30.2, oa = 150 }",
            "reagents.cs.components_mm: oa/cs is 4.9669; expected at least 5: Make it anew."),
    ]
}
