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

    public init(
        name: String, isSimulated: Bool, devices: [DeviceDefinition], interlocks: [InterlockRule],
        network: FlowNetwork, flowRules: FlowRules, procedure: ExperimentProcedure, limits: CoreLimits
    ) {
        self.name = name
        self.isSimulated = isSimulated
        self.devices = devices
        self.interlocks = interlocks
        self.network = network
        self.flowRules = flowRules
        self.procedure = procedure
        self.limits = limits
    }
}

/// How an experiment is run on this bench; `[experiments]` of the bench file. All times are bench time.
public struct ExperimentProcedure: Hashable, Sendable {
    /// The heater and the spectrometer that an experiment uses.
    public var heater: DeviceName
    public var spectrometer: DeviceName
    /// t_E in units of tau; 1.2 in the seed lab.
    public var requiredTau: Double
    /// The temperature counts as steady within this band of the set point, for this long.
    public var temperatureBandKelvin: Double
    public var temperatureHold: BenchDuration
    public var heatingDeadline: BenchDuration
    /// From the first pump's start until all report their flow.
    public var flowingDeadline: BenchDuration
    /// How long all pumps must have reported their flow before volume counts: the liquid lags behind the motors.
    public var flowRise: BenchDuration
    /// Beyond t_E, how long the steady-state proof may take, in units of tau.
    public var settlingMarginTau: Double
    public var measuringDeadline: BenchDuration
    /// The burst of frames that is measured.
    public var burst: BurstRequest
    /// The shorter bursts that the steady-state test watches, and how often.
    public var probe: BurstRequest
    public var probeEvery: BenchDuration
    /// The equivalence test: samples, and the drift over them as a fraction of the mean.
    public var steadySamples: Int
    public var steadyDriftLimit: Double
    /// With nothing queued for this long, the heater goes off.
    public var idleAfter: BenchDuration
    /// Experiments that may wait in the queue.
    public var queueLimit: Int

    public init(
        heater: DeviceName, spectrometer: DeviceName, requiredTau: Double, temperatureBandKelvin: Double,
        temperatureHold: BenchDuration, heatingDeadline: BenchDuration, flowingDeadline: BenchDuration,
        flowRise: BenchDuration, settlingMarginTau: Double, measuringDeadline: BenchDuration, burst: BurstRequest,
        probe: BurstRequest,
        probeEvery: BenchDuration, steadySamples: Int, steadyDriftLimit: Double, idleAfter: BenchDuration,
        queueLimit: Int
    ) {
        self.heater = heater
        self.spectrometer = spectrometer
        self.requiredTau = requiredTau
        self.temperatureBandKelvin = temperatureBandKelvin
        self.temperatureHold = temperatureHold
        self.heatingDeadline = heatingDeadline
        self.flowingDeadline = flowingDeadline
        self.flowRise = flowRise
        self.settlingMarginTau = settlingMarginTau
        self.measuringDeadline = measuringDeadline
        self.burst = burst
        self.probe = probe
        self.probeEvery = probeEvery
        self.steadySamples = steadySamples
        self.steadyDriftLimit = steadyDriftLimit
        self.idleAfter = idleAfter
        self.queueLimit = queueLimit
    }
}
