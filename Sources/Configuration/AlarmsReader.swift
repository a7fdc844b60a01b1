import Interlocks
import Quantities

extension BenchReader {
    /// `[alarms]`; without it every bench has the same rules.
    func readAlarms() -> AlarmRules {
        var rules = AlarmRules()
        guard document.top.has("alarms"), let table = document.top.table("alarms") else {
            _ = document.top.raw("alarms")
            return rules
        }
        rules.onDelay = table.read(BenchKeys.alarmOnDelay) ?? .zero
        rules.offDelay = table.read(BenchKeys.alarmOffDelay) ?? .zero
        rules.floodLimit = Int(table.read(BenchKeys.alarmFlood) ?? 10)
        rules.notify = table.read(BenchKeys.alarmNotify) ?? []
        if let program = rules.notify.first, !program.hasPrefix("/") {
            table.wrong(BenchKeys.alarmNotify.name, expected: "the absolute path of a program first")
        }
        if let priorities = table.table("priorities") {
            for alarm in priorities.membersInOrder { readPriority(of: alarm, priorities, &rules) }
        } else {
            _ = table.raw("priorities")
        }
        return rules
    }

    private func readPriority(of alarm: String, _ table: Table, _ rules: inout AlarmRules) {
        let word = table.read(BenchKeys.alarmPriority(alarm))
        let kind = alarm.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
        let kinds = AlarmRules.kinds.filter { $0.priority < .critical }.map(\.name).sorted()
        guard let kind, kinds.contains(kind) else {
            let known = AlarmRules.kinds.contains { $0.name == kind }
            let why = known ? "is always critical" : "no such alarm"
            document.report(
                table.path(of: alarm),
                ": \(why); expected \(oneOf(kinds, given: kind ?? "")), or with what it is "
                    + "about, as \"device:cui\"")
            return
        }
        if let word { rules.priorities[alarm] = AlarmPriority(rawValue: word) }
    }
}
