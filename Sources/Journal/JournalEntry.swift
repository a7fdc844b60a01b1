/// One entry of the host's journal: what a person reads, and the fields by which a program finds it.
public struct JournalEntry: Hashable, Sendable {
    /// Syslog's priorities.
    public enum Priority: Int, Sendable {
        case critical = 2
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7
    }

    /// The fields, documented in `docs/systemd.md`. Each stands only where there is something to say.
    public enum Field: String, Sendable, CaseIterable {
        case bench = "FLOWLAB_BENCH"
        case component = "FLOWLAB_COMPONENT"
        case device = "FLOWLAB_DEVICE"
        case experiment = "FLOWLAB_EXPERIMENT"
        case campaign = "FLOWLAB_CAMPAIGN"
        case interlock = "FLOWLAB_INTERLOCK"
        case alarm = "FLOWLAB_ALARM"
        case person = "FLOWLAB_PERSON"
        /// A stable word: the kind of an error, else the state that was entered.
        case kind = "FLOWLAB_KIND"
        /// How many entries like this one were left out before it.
        case repeated = "FLOWLAB_REPEATED"
    }

    public var priority: Priority
    /// What of the daemon speaks: `devices`, `interlocks`, `archive`.
    public var component: String
    public var text: String
    public var message: MessageID
    public private(set) var fields: [Field: String]

    public init(
        _ priority: Priority, _ component: String, _ text: String, _ message: MessageID,
        _ fields: [Field: String?] = [:]
    ) {
        self.priority = priority
        self.component = component
        self.text = text
        self.message = message
        self.fields = fields.compactMapValues { $0?.isEmpty == false ? $0 : nil }
    }

    public subscript(field: Field) -> String? {
        get { fields[field] }
        set { fields[field] = newValue }
    }

    /// As `sd_journal_sendv(3)` takes them, in a fixed order; without those that the writer adds to every entry.
    public var assignments: [(name: String, value: String)] {
        let own = Field.allCases.compactMap { field in fields[field].map { (field.rawValue, $0) } }
        return [("MESSAGE_ID", message.id)] + own
    }
}
