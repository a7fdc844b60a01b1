import DeviceModel
import Quantities

/// How an experiment is run on this bench; `[experiments]` of the bench file. All times are bench time.
public struct ExperimentProcedure: Hashable, Sendable {
    /// The heater and the spectrometers that an experiment uses.
    public var heater: DeviceName
    /// The output that gives the heater its power; nil: it always has it.
    public var contactor: OutputName?
    /// It sees the emission; its cell comes first.
    public var spectrometer: DeviceName
    /// It sees the absorption; nil: this bench measures none.
    public var absorption: AbsorptionProcedure?
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
    /// A measurement is this many bursts of frames, begun at least `burstEvery` apart: the light source wanders slowly.
    public var burst: BurstRequest
    public var burstCount: Int
    public var burstEvery: BenchDuration
    /// The shorter bursts that the steady-state test watches, and how often.
    public var probe: BurstRequest
    public var probeEvery: BenchDuration
    /// The equivalence test: samples, and the drift over them as a fraction of the mean.
    public var steadySamples: Int
    public var steadyDriftLimit: Double
    /// Below this total flow, mixing limits the reaction: a warning. nil: no warning.
    public var mixingFlow: FlowRate?
    /// With nothing queued for this long, the heater goes off.
    public var idleAfter: BenchDuration
    /// What is flushed through the line then; nil: nothing.
    public var flush: FlushProcedure?
    /// Experiments that may wait in the queue.
    public var queueLimit: Int
    public var interruptedPolicy: InterruptedPolicy
    /// After so many experiments in a row that failed, the queue waits for a person.
    public var mostFailures: Int
    /// What becomes of an experiment that says nothing of it when its client has gone, and how long that may be away; link
    /// time, since it is a process that is waited for.
    public var ifClientGone: ClientGonePolicy
    public var clientGoneAfter: WireDuration

    public init(
        heater: DeviceName, contactor: OutputName? = nil, spectrometer: DeviceName, absorption: AbsorptionProcedure?,
        requiredTau: Double,
        temperatureBandKelvin: Double, temperatureHold: BenchDuration, heatingDeadline: BenchDuration,
        flowingDeadline: BenchDuration, flowRise: BenchDuration, settlingMarginTau: Double,
        measuringDeadline: BenchDuration, burst: BurstRequest, burstCount: Int, burstEvery: BenchDuration,
        probe: BurstRequest, probeEvery: BenchDuration, steadySamples: Int, steadyDriftLimit: Double,
        mixingFlow: FlowRate?, idleAfter: BenchDuration, flush: FlushProcedure?, queueLimit: Int,
        interruptedPolicy: InterruptedPolicy, mostFailures: Int = 3, ifClientGone: ClientGonePolicy = .finish,
        clientGoneAfter: WireDuration = .seconds(60)
    ) {
        self.heater = heater
        self.contactor = contactor
        self.spectrometer = spectrometer
        self.absorption = absorption
        self.requiredTau = requiredTau
        self.temperatureBandKelvin = temperatureBandKelvin
        self.temperatureHold = temperatureHold
        self.heatingDeadline = heatingDeadline
        self.flowingDeadline = flowingDeadline
        self.flowRise = flowRise
        self.settlingMarginTau = settlingMarginTau
        self.measuringDeadline = measuringDeadline
        self.burst = burst
        self.burstCount = burstCount
        self.burstEvery = burstEvery
        self.probe = probe
        self.probeEvery = probeEvery
        self.steadySamples = steadySamples
        self.steadyDriftLimit = steadyDriftLimit
        self.mixingFlow = mixingFlow
        self.idleAfter = idleAfter
        self.flush = flush
        self.queueLimit = queueLimit
        self.interruptedPolicy = interruptedPolicy
        self.mostFailures = mostFailures
        self.ifClientGone = ifClientGone
        self.clientGoneAfter = clientGoneAfter
    }

    /// What a hot plate needs.
    public var heating: [DeviceName] { [heater] + (contactor.map { [$0.device] } ?? []) }

    /// Every spectrometer that an experiment uses, in the order of the stream.
    public var spectrometers: [DeviceName] { [spectrometer] + (absorption.map { [$0.spectrometer] } ?? []) }

    /// How long the bursts of a measurement take at the least.
    public var measuringTime: BenchDuration {
        let one = burst.integration * Double(burst.frames)
        return max(burstEvery, one) * Double(burstCount - 1) + one
    }
}

/// Absorbance needs a dark spectrum (lamp shut) and a reference (what the sample is dissolved in, or carried by, alone in
/// the cell), both taken with the integration time of the measurement.
public struct AbsorptionProcedure: Hashable, Sendable {
    public var spectrometer: DeviceName
    /// What flows through the cell while the reference is taken.
    public var flows: [String: FlowRate]
    /// How many residence times of that flow must have passed before it is taken.
    public var sweptTau: Double
    /// Frames that are averaged for either spectrum.
    public var frames: Int
    /// The steady-state test of the absorbance: its drift over the window, as a fraction of the mean. The light source
    /// is noisier than the emission's.
    public var steadyDriftLimit: Double
    /// What the carrier between the droplets may absorb against the reference, either way [AU]; beyond it the light has
    /// changed since, and the reference is not used any more.
    public var referenceDriftLimit: Double
    public var darkMaximumAge: BenchDuration
    public var referenceMaximumAge: BenchDuration

    public init(
        spectrometer: DeviceName, flows: [String: FlowRate], sweptTau: Double, frames: Int,
        steadyDriftLimit: Double, referenceDriftLimit: Double, darkMaximumAge: BenchDuration,
        referenceMaximumAge: BenchDuration
    ) {
        self.spectrometer = spectrometer
        self.flows = flows
        self.sweptTau = sweptTau
        self.frames = frames
        self.steadyDriftLimit = steadyDriftLimit
        self.referenceDriftLimit = referenceDriftLimit
        self.darkMaximumAge = darkMaximumAge
        self.referenceMaximumAge = referenceMaximumAge
    }
}

/// What an idle bench flushes its line with.
public struct FlushProcedure: Hashable, Sendable {
    public var flows: [String: FlowRate]
    public var duration: BenchDuration

    public init(flows: [String: FlowRate], duration: BenchDuration) {
        self.flows = flows
        self.duration = duration
    }
}

/// What becomes of an experiment that ran when the daemon died.
public enum InterruptedPolicy: String, Hashable, Sendable, CaseIterable {
    /// It ends as `interrupted`.
    case fail
    /// It waits again, ahead of the others, until somebody resets the latch of the unclean end.
    case requeue
}
