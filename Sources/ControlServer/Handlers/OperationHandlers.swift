import ControlAPI
import DeviceModel
import Experiments
import Quantities

/// Valves, robots, gas, light, steppers, boards and analyzers by hand: all of it is answered by the control loop.
extension ControlServer {
    func selectValve(_ call: Call, _ params: ValvesSelect.Params) throws(APIError) -> Answer<ValvesSelect.Params> {
        .post(.act(.operate(.select(position: params.position)), on: params.device))
    }

    func transfer(_ call: Call, _ params: RobotsTransfer.Params) throws(APIError) -> Answer<RobotsTransfer.Params> {
        let isHeld = params.from == params.device
        let operation = isHeld ? DeviceOperation.place(station: params.to) : .transfer(from: params.from, to: params.to)
        return .post(.act(.operate(operation), on: params.device))
    }

    func parkRobot(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.operate(.park), on: params.device))
    }

    func haltRobot(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.makeSafe(.robot), on: params.device))
    }

    func controlRobot(_ call: Call, _ params: RobotsControl.Params) throws(APIError) -> Answer<RobotsControl.Params> {
        .post(.act(.operate(.control(params.action)), on: params.device))
    }

    func setGas(
        _ call: Call, _ params: FlowControllersSet.Params
    ) throws(APIError) -> Answer<FlowControllersSet.Params> {
        .post(.act(.operate(.gas(params.flowMLMinStd)), on: params.device))
    }

    func closeGas(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.makeSafe(.flowController), on: params.device))
    }

    func setLight(_ call: Call, _ params: LightsSet.Params) throws(APIError) -> Answer<LightsSet.Params> {
        .post(.act(.operate(.light(channel: params.channel, percent: params.percent)), on: params.device))
    }

    func lightsOff(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.makeSafe(.light), on: params.device))
    }

    func moveStepper(_ call: Call, _ params: SteppersMove.Params) throws(APIError) -> Answer<SteppersMove.Params> {
        .post(.act(.operate(.move(position: params.positionMM)), on: params.device))
    }

    func homeStepper(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.operate(.home), on: params.device))
    }

    func stopStepper(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.makeSafe(.stepper), on: params.device))
    }

    func clearBoard(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.operate(.clear), on: params.device))
    }

    func runProgram(_ call: Call, _ params: BoardsRun.Params) throws(APIError) -> Answer<BoardsRun.Result> {
        .post(.act(.run(params.steps.map(\.step)), on: nil))
    }

    func measure(
        _ call: Call, _ params: AnalyzersMeasure.Params
    ) throws(APIError) -> Answer<AnalyzersMeasure.Result> {
        let within = params.withinS.map { BenchDuration.seconds($0) }
        return .post(.act(.measure(sample: params.sample, within: within), on: params.device))
    }

    func withdraw(_ call: Call, _ params: NamedDevice) throws(APIError) -> Answer<NamedDevice> {
        .post(.act(.makeSafe(.analyzer), on: params.device))
    }
}

extension Reply {
    static func outcome(of operation: DeviceOperation, on device: DeviceName) -> Outcome {
        let name = device.text
        return switch operation {
        case .select(let position): encoded(ValvesSelect.Params(device: name, position: position))
        case .transfer(let from, let to): encoded(RobotsTransfer.Params(device: name, from: from, to: to))
        case .place(let station): encoded(RobotsTransfer.Params(device: name, from: name, to: station))
        case .move(let position): encoded(SteppersMove.Params(device: name, positionMM: position))
        case .park, .home, .clear: encoded(NamedDevice(device: name))
        case .control(let action): encoded(RobotsControl.Params(device: name, action: action))
        case .gas(let flow): encoded(FlowControllersSet.Params(device: name, flowMLMinStd: flow))
        case .light(let channel, let percent):
            encoded(LightsSet.Params(device: name, channel: channel, percent: percent))
        }
    }
}
