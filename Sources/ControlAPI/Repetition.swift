/// Whether a request may be made again after its connection was lost before the answer came, when it may be done already.
public enum Repetition: Sendable {
    /// It changes nothing, or twice is as once.
    case harmless
    /// Done once a key.
    case withKey
    /// Who asked must look whether it was done.
    case never

    /// Of a method by its name; one that is not known here is never repeated.
    public static func of(_ method: String) -> Repetition {
        if keyed.contains(method) { return .withKey }
        return reads.contains(method) || harmlessTwice.contains(method) ? .harmless : .never
    }

    /// What changes nothing.
    public static let reads: Set<String> = Set(
        ([
            SystemHello.self, SystemStatus.self, SystemInfo.self, DevicesList.self, DevicesGet.self, SignalsList.self,
            SignalsRead.self, SignalsHistory.self, EventsSubscribe.self, ExperimentsPlan.self, ExperimentsGet.self,
            ExperimentsList.self, ExperimentsWait.self, ExperimentsResult.self, ExperimentsResults.self,
            ExperimentsSpectra.self, CampaignsGet.self, CampaignsList.self, RecipesSchema.self, ReagentsList.self,
            ReferencesList.self, InterlocksList.self, AlarmsList.self, AlarmsHistory.self, AuditList.self,
            LeaseList.self, ArchiveExport.self, RPCDiscover.self, RecorderList.self, StationsList.self,
        ] as [any APIMethod.Type]).map { $0.name })
    public static let keyed: Set<String> = [
        ExperimentsSubmit.name, ExperimentsAttach.name, CampaignsCreate.name,
    ]
    /// A bench that is safe stays safe; a file that was read may be read again.
    public static let harmlessTwice: Set<String> = [SafeStateTrigger.name, SystemReload.name]
}
