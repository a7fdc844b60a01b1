import DeviceModel
import Quantities

/// The bursts of one measurement, spectrometer by spectrometer, and what the analysis made of them.
struct Measuring: Sendable {
    let certificate: Certificate
    let count: Int
    let every: BenchDuration
    /// When each spectrometer may begin its next burst; one whose burst is under way is not listed.
    private var nextBurst: [DeviceName: BenchInstant]
    /// When each began its last one.
    private var begun: [DeviceName: BenchInstant] = [:]
    private var bursts: [DeviceName: [SpectrumBurst]] = [:]
    private(set) var analysed: [AnalysisReply] = []
    let spectrometers: [DeviceName]

    init(_ certificate: Certificate, _ procedure: ExperimentProcedure, at now: BenchInstant) {
        self.certificate = certificate
        spectrometers = procedure.spectrometers
        count = procedure.burstCount
        every = procedure.burstEvery
        nextBurst = Dictionary(uniqueKeysWithValues: procedure.spectrometers.map { ($0, now) })
    }

    /// The spectrometers that are to begin a burst now.
    mutating func begin(at now: BenchInstant) -> [DeviceName] {
        let due = spectrometers.filter { device in
            nextBurst[device].map { $0 <= now } ?? false && (bursts[device]?.count ?? 0) < count
        }
        for device in due {
            nextBurst[device] = nil
            begun[device] = now
        }
        return due
    }

    /// Takes a burst; all of a spectrometer's bursts once the last has come.
    mutating func took(_ burst: SpectrumBurst) -> [SpectrumBurst]? {
        bursts[burst.device, default: []].append(burst)
        guard let all = bursts[burst.device], all.count >= count else { return nil }
        return all
    }

    /// A burst's command has ended.
    mutating func ended(_ device: DeviceName, at now: BenchInstant) {
        guard (bursts[device]?.count ?? 0) < count else { return }
        nextBurst[device] = max(now, (begun[device] ?? now) + every)
    }

    mutating func took(_ reply: AnalysisReply) { analysed.append(reply) }

    var isComplete: Bool { analysed.count == spectrometers.count }

    var wake: BenchInstant? { nextBurst.filter { (bursts[$0.key]?.count ?? 0) < count }.values.min() }
}
