import DeviceModel
import Quantities
import Wire

/// What the bench file says of one CD spectrometer.
struct JascoCDConfiguration: Sendable {
    let htLimitVolts: Double
    let suffix: String
    let method: String?
    let poll: WireDuration

    init(_ settings: DriverSettings) {
        htLimitVolts = settings.number("ht_limit_v")
        suffix = settings.text("file_suffix")
        method = settings.optionalText("method")
        poll = .milliseconds(settings.integer("poll_ms"))
    }
}

extension JascoCD {
    static let entry = DriverEntry(
        id: "jasco-cd", deviceClass: .analyzer, transports: [.folder], maturity: "simulated wire",
        settings: [
            SettingSpec(
                "ht_limit_v", .number(100...1500),
                "a spectrum whose detector voltage (HT) goes above it anywhere is refused: too little light came through"
            ),
            SettingSpec(
                "file_suffix", .text, default: .text(".txt"),
                "how the names of exported spectra end, as the software writes it"),
            .optional("method", .text, "told in the ticket: the measurement that the instrument's software shall do"),
            SettingSpec("poll_ms", .integer(100...60_000), default: .integer(1000), "time from one look to the next"),
        ], problems: problems, make: { DialogueDriver(JascoCD($0, $1)) })

    @Sendable private static func problems(_ settings: DriverSettings) -> [SettingProblem] {
        var found: [SettingProblem] = []
        let suffix = settings.text("file_suffix")
        if !FolderRules.isName("x" + suffix) || suffix.isEmpty || suffix == FolderRules.ticketSuffix {
            found.append(SettingProblem("file_suffix", expected: "the end of a file's name, such as .txt"))
        }
        if let method = settings.optionalText("method"), !isLine(method) {
            found.append(SettingProblem("method", expected: "one line of at most 200 characters"))
        }
        return found
    }

    private static func isLine(_ text: String) -> Bool {
        text.utf8.count <= 200 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}
