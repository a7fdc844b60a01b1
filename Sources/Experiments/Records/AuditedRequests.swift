/// What the audit says of a request.
extension ControlRequest {
    /// The API method that asks for it; nil for what changes nothing.
    public var method: String? {
        switch self {
        case .plan, .recipeForms: nil
        case .submit: "experiments.submit"
        case .cancel: "experiments.cancel"
        case .hold: "experiments.hold"
        case .release: "experiments.release"
        case .abandon: "experiments.abandon"
        case .attach: "experiments.attach"
        case .createCampaign: "campaigns.create"
        case .refill: "reagents.refill"
        case .emptyWaste: "reagents.empty_waste"
        case .setStation: "stations.set"
        case .resetInterlock: "interlocks.reset"
        case .bypassInterlock: "interlocks.bypass"
        case .restoreInterlock: "interlocks.restore"
        case .proveInterlock: "interlocks.prove"
        case .acknowledgeAlarm: "alarms.acknowledge"
        case .shelveAlarm: "alarms.shelve"
        case .unshelveAlarm: "alarms.unshelve"
        case .triggerSafeState: "safe_state.trigger"
        case .acquireLease: "lease.acquire"
        case .renewLease: "lease.renew"
        case .releaseLease: "lease.release"
        case .enterMaintenance: "maintenance.enter"
        case .exitMaintenance: "maintenance.exit"
        case .dumpRecorder: "recorder.dump"
        case .reload: "system.reload"
        case .act(let act, _): act.method
        }
    }

    /// What it is about, as its caller named it.
    public var subject: String {
        let name =
            switch self {
            case .plan, .recipeForms, .emptyWaste, .triggerSafeState, .enterMaintenance, .exitMaintenance,
                .dumpRecorder, .reload:
                ""
            case .submit(let submission): submission.key ?? ""
            case .attach(let attachment): attachment.submission.key ?? ""
            case .cancel(let experiment), .hold(let experiment, _), .release(let experiment): experiment
            case .abandon(let record, _): record.experiment
            case .createCampaign(let name, _, _): name
            case .refill(let refill): refill.device
            case .setStation(let wish): wish.station
            case .resetInterlock(let name), .restoreInterlock(let name): name.text
            case .bypassInterlock(let name, _, _, _), .proveInterlock(let name, _): name.text
            case .acknowledgeAlarm(let alarm), .unshelveAlarm(let alarm), .shelveAlarm(let alarm, _, _, _): alarm
            case .acquireLease(let wish): wish.devices.joined(separator: ", ")
            case .renewLease(let lease, _), .releaseLease(let lease): lease
            case .act(_, let device): device ?? ""
            }
        return String(name.prefix(200))
    }
}
