import Experiments
import Quantities

extension BenchReader {
    /// `[maintenance]`; without it every bench has the same rules.
    func readMaintenance() -> MaintenanceRules {
        var rules = MaintenanceRules()
        guard document.top.has("maintenance"), let table = document.top.table("maintenance") else {
            _ = document.top.raw("maintenance")
            return rules
        }
        if let volume = table.read(BenchKeys.primeVolume) { rules.primeVolume = Volume(microliters: volume) }
        if let flow = table.read(BenchKeys.primeFlow) { rules.primeFlow = FlowRate(microlitersPerMinute: flow) }
        if let word = table.read(BenchKeys.onExpiry), let policy = ExpiryPolicy(rawValue: word) {
            rules.onExpiry = policy
        }
        return rules
    }
}
