import DeviceModel
import Quantities
import Spectra

/// Why a command was sent, so that its outcome finds its way.
enum RunCommand: Hashable, Sendable {
    /// The heater's power on.
    case closeContactor
    case heat
    /// A valve, to a position.
    case select(DeviceName, String)
    /// Of a pump or a lamp.
    case start(DeviceName)
    case stop(DeviceName)
    /// The lamp shut for the dark spectrum.
    case darken
    case take(ReferenceShelf.Kind)
    case probe(DeviceName)
    case measure(DeviceName)
    /// A robot, with a cuvette.
    case carry(DeviceName, RobotCommand)

    /// In words, for errors.
    var text: String {
        switch self {
        case .closeContactor: "closing the heater's contactor"
        case .heat: "setting the temperature"
        case .select(let valve, let position): "turning \(valve) to \(position)"
        case .start(let device): "starting \(device)"
        case .stop(let device): "stopping \(device)"
        case .darken: "shutting the lamp"
        case .take(let kind): "taking the \(kind.rawValue) spectrum"
        case .probe, .measure: "taking spectra"
        case .carry(let robot, let command): "\(robot) \(command.text)"
        }
    }
}

extension RunCommand {
    /// - Parameter references: the spectrometer that they are for.
    func device(_ procedure: ExperimentProcedure, _ references: DeviceName?) -> DeviceName? {
        switch self {
        case .closeContactor: procedure.contactor?.device
        case .heat: procedure.heater
        case .select(let device, _), .start(let device), .stop(let device), .probe(let device), .measure(let device),
            .carry(let device, _):
            device
        case .darken, .take: references
        }
    }
}

/// What the running experiment wants done.
enum RunEffect: Sendable {
    case command(DeviceCommand, DeviceName, RunCommand)
    case analyse(DeviceName, AnalysisRequest.Purpose, [SpectrumBurst])
    /// A dark or a reference spectrum to keep.
    case keep(ReferenceShelf.Kind, Spectrum, frames: Int)
    /// Pumps are about to run: what they may deliver at most.
    case reserve([String: Volume])
    /// The stream is about to run into the cuvette at this station.
    case fill(station: String)
    case enter(ExperimentState, cause: String)
    case finish(RunResult)

    /// Each valve to its position.
    static func selects(_ positions: [String: String]) -> [RunEffect] {
        positions.sorted { $0.key < $1.key }.map { valve, position in
            .command(
                .valve(.select(position: position)), DeviceName(valve), .select(DeviceName(valve), position))
        }
    }

    /// Pumps with their finite volumes, then the light.
    static func starts(
        _ flows: [String: FlowRate], _ volumes: [String: Volume], lamps: [DeviceName]
    ) -> [RunEffect] {
        let pumps = flows.keys.sorted().compactMap { pump -> RunEffect? in
            guard let flow = flows[pump], let volume = volumes[pump] else { return nil }
            return .command(.pump(.run(flow: flow, volume: volume)), DeviceName(pump), .start(DeviceName(pump)))
        }
        let light = lamps.map { RunEffect.command(.spectrometer(.lamp(on: true)), $0, .start($0)) }
        return [.reserve(volumes)] + pumps + light
    }
}

enum RunResult: Sendable {
    case measured([AnalysisReply], Certificate, MeasuredConditions)
    /// References were all that was asked for.
    case referenced
    case failed(ExperimentError, Certificate?)
}
