/// What a person can do about an experiment that failed.
enum RunHints {
    static func hint(_ kind: String) -> String {
        switch kind {
        case "trip": "see interlocks.list for the cause and what to do; submit again after the reset"
        case "device_lost":
            "do what the text says of the device, or look at its cable and power; submit again when devices.list has it ready"
        case "flow_lost":
            "look at the pump: somebody stopped it, or its syringe is empty; submit again when it is in order"
        case "valve_not_confirmed":
            "look whether the valve is blocked, unplugged, or driven from its panel; nothing flowed; submit again when "
                + "flowlabctl valves select turns it"
        case "valve_moved":
            "somebody or something else turned it: look at its panel, and at what the stream has reached since"
        case "transfer_failed":
            "look where the cuvette is, and say so: flowlabctl stations set; the arm stands; submit again when it is clear"
        case "device_stopped": "somebody or something else switched it; look at its display, and who else has its port"
        case "contactor_open":
            "look at the I/O module, its supply and the contactor; submit again when it stays closed"
        case "not_steady": "look for bubbles, leaks and a dry syringe before repeating it"
        case "spectrum": "look at the lamp, the cell and the integration time"
        case "reference_drift":
            "the lamp, a fibre or the window has changed; the next experiment takes a new reference, submit again"
        case "reagent_empty": "refill the syringe, record it with flowlabctl reagents refill, and submit again"
        case "waste_full": "empty the waste, record it with flowlabctl reagents empty-waste, and submit again"
        default: "see devices.list and the events around this time"
        }
    }
}
