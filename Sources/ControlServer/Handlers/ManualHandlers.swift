import ControlAPI
import DeviceModel
import Experiments
import Quantities

/// Leases, maintenance, and what is done by hand: all of it is answered by the control loop.
extension ControlServer {
    func acquireLease(_ call: Call, _ params: LeaseAcquire.Params) throws(APIError) -> Answer<LeaseShape> {
        .post(
            .acquireLease(
                LeaseWish(
                    devices: params.devices, person: params.person, reason: params.reason,
                    span: .seconds(params.durationS ?? APILimits.usualLeaseSeconds))))
    }

    func renewLease(_ call: Call, _ params: LeaseRenew.Params) throws(APIError) -> Answer<LeaseShape> {
        .post(.renewLease(params.lease, span: params.durationS.map { .seconds($0) }))
    }

    func releaseLease(_ call: Call, _ params: NamedLease) throws(APIError) -> Answer<NamedLease> {
        .post(.releaseLease(params.lease))
    }

    func listLeases(_ call: Call, _ params: Empty) throws(APIError) -> Answer<LeaseList.Result> {
        .result(LeaseList.Result(leases: snapshot().leases.map { LeaseShape($0) }))
    }

    func enterMaintenance(
        _ call: Call, _ params: MaintenanceEnter.Params
    ) throws(APIError) -> Answer<MaintenanceShape> {
        .post(
            .enterMaintenance(
                person: params.person, reason: params.reason, span: .seconds(params.durationS),
                takesOver: params.takeOver ?? false))
    }

    func exitMaintenance(_ call: Call, _ params: Empty) throws(APIError) -> Answer<MaintenanceShape> {
        .post(.exitMaintenance)
    }

    // MARK: Pumps

    func startPump(_ call: Call, _ params: PumpMoveParams) throws(APIError) -> Answer<PumpStartShape> {
        Self.move(params, withdraws: false)
    }

    func primePump(_ call: Call, _ params: PumpMoveParams) throws(APIError) -> Answer<PumpStartShape> {
        Self.move(params, withdraws: false, primes: true)
    }

    func refillPump(_ call: Call, _ params: PumpMoveParams) throws(APIError) -> Answer<PumpStartShape> {
        Self.move(params, withdraws: true)
    }

    private static func move(
        _ params: PumpMoveParams, withdraws: Bool, primes: Bool = false
    ) -> Answer<PumpStartShape> {
        let move = PumpMove(
            flow: params.flowULMin.map(FlowRate.init(microlitersPerMinute:)),
            volume: params.volumeUL.map(Volume.init(microliters:)), withdraws: withdraws, primes: primes)
        return .post(.act(.move(move), on: params.device))
    }

    func stopPump(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.stop, on: params.device))
    }

    func purge(_ call: Call, _ params: Empty) throws(APIError) -> Answer<PumpsPurge.Result> {
        .post(.act(.purge, on: nil))
    }

    func calibratePump(
        _ call: Call, _ params: PumpsCalibrate.Params
    ) throws(APIError) -> Answer<PumpsCalibrate.Result> {
        .post(
            .act(
                .calibrate(
                    displaced: Volume(microliters: params.displacedUL),
                    measured: Volume(microliters: params.measuredUL), person: params.person), on: params.device))
    }

    // MARK: Heat and light

    func setHeater(_ call: Call, _ params: HeatersSet.Params) throws(APIError) -> Answer<HeatersSet.Params> {
        .post(.act(.heat(Temperature(celsius: params.temperatureC)), on: params.device))
    }

    func heaterOff(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.heaterOff, on: params.device))
    }

    func lamp(
        _ call: Call, _ params: SpectrometersLamp.Params
    ) throws(APIError) -> Answer<SpectrometersLamp.Params> {
        .post(.act(.lamp(on: params.on), on: params.device))
    }

    func acquire(
        _ call: Call, _ params: SpectrometersAcquire.Params
    ) throws(APIError) -> Answer<SpectrometersAcquire.Result> {
        let burst = BurstRequest(frames: params.frames ?? 1, integration: .seconds(params.integrationS))
        return .post(.act(.acquire(burst), on: params.device))
    }
}

extension Reply {
    static func outcome(of manual: ManualOutcome, _ method: String) -> Outcome {
        switch manual {
        case .moving(let starts) where method == PumpsPurge.name:
            encoded(PumpsPurge.Result(pumps: starts.map(PumpStartShape.init)))
        case .moving(let starts):
            starts.first.map { encoded(PumpStartShape($0)) } ?? .failure(.internalError("no pump was started"))
        case .stopped(let device): encoded(NamedDevice(device: device.text))
        case .heating(let device, let temperature):
            encoded(HeatersSet.Params(device: device.text, temperatureC: temperature.celsius))
        case .lamp(let device, let isOn): encoded(SpectrometersLamp.Params(device: device.text, on: isOn))
        case .operated(let device, let operation): outcome(of: operation, on: device)
        case .ran(let run): encoded(BoardsRun.Result(run))
        case .spectrum(let burst): encoded(mean(of: burst))
        case .analysed(let result): encoded(AnalyzersMeasure.Result(result))
        case .calibrated(let device, let ratio): encoded(PumpsCalibrate.Result(device: device.text, ratio: ratio))
        }
    }

    private static func mean(of burst: SpectrumBurst) -> SpectrometersAcquire.Result {
        let pixels = burst.frames.map(\.counts.count).min() ?? 0
        var sums = [Float](repeating: 0, count: pixels)
        for frame in burst.frames { for pixel in 0..<pixels { sums[pixel] += Float(frame.counts[pixel]) } }
        let frames = Float(max(1, burst.frames.count))
        let wavelengths = (0..<pixels).map { pixel in
            Float(burst.wavelengthCoefficients.reversed().reduce(0.0) { $0 * Double(pixel) + $1 })
        }
        return SpectrometersAcquire.Result(
            device: burst.device.text, integrationS: burst.integration.seconds, frames: burst.frames.count,
            maximumCounts: Double(burst.frames.compactMap { $0.counts.max() }.max() ?? 0), wavelengthsNM: wavelengths,
            counts: sums.map { $0 / frames })
    }
}
