import ControlAPI
import Experiments
import Quantities

/// Alarms, and who did what.
extension ControlServer {
    func listAlarms(_ call: Call, _ params: Empty) throws(APIError) -> Answer<AlarmsList.Result> {
        let bench = snapshot()
        return .result(
            AlarmsList.Result(
                alarms: bench.alarms.map(AlarmsList.Entry.init), ratePer10Min: bench.alarmRate.perTenMinutes,
                flood: bench.alarmRate.isFlood, notNotified: bench.alarmRate.suppressed))
    }

    func alarmHistory(_ call: Call, _ params: AlarmsHistory.Params) throws(APIError) -> Answer<AlarmsHistory.Result> {
        let limit = params.limit ?? APILimits.defaultListedAudit
        return .read { (stored) throws(APIError) in
            let found = try stored.read { store throws(StoreError) in
                try store.alarms(before: params.before, limit: limit + 1)
            }
            let page = Array(Page.prefix(of: found.map { AlarmsList.Entry($0.alarm) }, limit: limit))
            let next = page.count < found.count ? found[page.count - 1].number : nil
            return .result(AlarmsHistory.Result(alarms: page, next: next))
        }
    }

    func acknowledgeAlarm(_ call: Call, _ params: NamedAlarm) throws(APIError) -> Answer<NamedAlarm> {
        .post(.acknowledgeAlarm(params.alarm))
    }

    func shelveAlarm(_ call: Call, _ params: AlarmsShelve.Params) throws(APIError) -> Answer<AlarmsShelve.Result> {
        .post(
            .shelveAlarm(
                params.alarm, person: params.person, reason: params.reason, span: .seconds(params.durationS)))
    }

    func unshelveAlarm(_ call: Call, _ params: NamedAlarm) throws(APIError) -> Answer<NamedAlarm> {
        .post(.unshelveAlarm(params.alarm))
    }

    func listAudit(_ call: Call, _ params: AuditList.Params) throws(APIError) -> Answer<AuditList.Result> {
        let limit = params.limit ?? APILimits.defaultListedAudit
        let filter = AuditFilter(method: params.method, uid: params.uid)
        return .read { (stored) throws(APIError) in
            let found = try stored.read { store throws(StoreError) in
                try store.audit(before: params.before, matching: filter, limit: limit + 1)
            }
            let page = Array(Page.prefix(of: found.map { AuditList.Entry($0.number, $0.record) }, limit: limit))
            return .result(
                AuditList.Result(records: page, next: page.count < found.count ? page.last?.number : nil))
        }
    }
}
