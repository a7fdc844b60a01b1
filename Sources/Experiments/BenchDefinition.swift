import ControlCore
import DeviceModel
import Drivers
import Hydraulics
import Interlocks
import Quantities

/// A bench as its file defines it, checked and complete: all that the pure part of the daemon needs.
public struct BenchDefinition: Sendable {
    public var name: String
    public var isSimulated: Bool
    public var devices: [DeviceDefinition]
    public var interlocks: [InterlockRule]
    public var network: FlowNetwork
    public var flowRules: FlowRules
    public var procedure: ExperimentProcedure
    public var limits: CoreLimits
    /// What recipes of the kind `box` mean; nil: this bench has none.
    public var box: RecipeBox?
    public var ledger: LedgerRules
    public var alarms: AlarmRules
    public var maintenance: MaintenanceRules
    public var recorder: RecorderRules
    /// Places for cuvettes, in the order of the bench file.
    public var stations: [Station] = []
    /// nil: this bench takes no samples.
    public var sampling: SamplingProcedure?
    /// How often the control loop looks at the bench at least; link time.
    public var scanPeriod: WireDuration

    public init(
        name: String, isSimulated: Bool, devices: [DeviceDefinition], interlocks: [InterlockRule],
        network: FlowNetwork, flowRules: FlowRules, procedure: ExperimentProcedure, limits: CoreLimits,
        box: RecipeBox? = nil, ledger: LedgerRules = LedgerRules(), alarms: AlarmRules = AlarmRules(),
        maintenance: MaintenanceRules = MaintenanceRules(), recorder: RecorderRules = RecorderRules(),
        scanPeriod: WireDuration = ScanRate.standard
    ) {
        self.name = name
        self.isSimulated = isSimulated
        self.devices = devices
        self.interlocks = interlocks
        self.network = network
        self.flowRules = flowRules
        self.procedure = procedure
        self.limits = limits
        self.box = box
        self.ledger = ledger
        self.alarms = alarms
        self.maintenance = maintenance
        self.recorder = recorder
        self.scanPeriod = scanPeriod
    }
}
