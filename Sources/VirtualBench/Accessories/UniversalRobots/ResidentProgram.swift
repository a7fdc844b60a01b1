import Quantities

/// The program that plays on the controller, as `examples/robot/flowlab_robot.script` does, with the arm and the gripper
/// that it moves. The meaning of its registers stands in `examples/robot/README.md`.
struct ResidentProgram: Sendable {
    /// Registers by their meaning; their addresses begin at 128.
    enum Register: Int {
        case command, argument, sequence, done, accepted, result, heartbeat, holding, clear, version
    }

    enum Task: Hashable, Sendable {
        case pick(Int)
        case place(Int)
        case park
    }

    /// How far a task is. `exchange` is the moment at which the cuvette changes hands.
    enum Stage: Sendable {
        case approach, grip, exchange, retreat

        /// In bench time.
        var seconds: Double {
            switch self {
            case .approach: 1.5
            case .grip: 0.5
            case .exchange: 0
            case .retreat: 1
            }
        }
    }

    struct Work: Sendable {
        let task: Task
        let sequence: UInt16
        var stage: Stage
        var remaining: Double
        var result: UInt16 = 0
    }

    /// What a finished command came to, as register 133 says it.
    enum Result {
        static let ok: UInt16 = 0, empty: UInt16 = 1, dropped: UInt16 = 2, occupied: UInt16 = 3
        static let unknownStation: UInt16 = 4, halted: UInt16 = 5, unknownCommand: UInt16 = 6, gripper: UInt16 = 7
    }

    static let contractVersion: UInt16 = 1
    /// The stations that somebody has taught it.
    static let stations = Worktable.Place.rack...Worktable.Place.waste
    static let beat = WireDuration.milliseconds(100)

    /// 128 to 255.
    var registers = [UInt16](repeating: 0, count: RobotRegisters.general.count)
    /// Digital outputs, as their bits.
    var outputs: UInt16 = 0
    var isHung = false
    private(set) var work: Work?
    private(set) var held: Worktable.Cuvette?
    /// Where the arm is: `park`, a station's number, or `between`.
    private(set) var place = "park"
    /// Commands that came to their end, whatever it was.
    private(set) var finished = 0
    private var fallen = 0
    private var beatAt = WireInstant.zero

    init() {
        self[.version] = Self.contractVersion
        self[.clear] = 1
    }

    var isMoving: Bool { work != nil && !isHung }
    var isClear: Bool { place == "park" }

    private subscript(_ register: Register) -> UInt16 {
        get { registers[register.rawValue] }
        set { registers[register.rawValue] = newValue }
    }

    /// Pressed at `play` from a stand: what the registers still ask for is not done.
    mutating func start() {
        work = nil
        self[.accepted] = self[.sequence]
        self[.result] = Result.halted
        self[.done] = self[.sequence]
    }

    /// The program ended where it was.
    mutating func end() { work = nil }

    /// It does not run; no beat is made up for.
    mutating func stand(at now: WireInstant) { beatAt = now }

    /// It runs for so many bench seconds.
    mutating func run(for seconds: Double, at now: WireInstant) {
        guard !isHung else { return stand(at: now) }
        while now - beatAt >= Self.beat {
            beatAt = max(beatAt + Self.beat, now - Self.beat * 10)
            self[.heartbeat] &+= 1
        }
        obey()
        move(for: seconds)
        self[.holding] = held == nil ? 0 : 1
        self[.clear] = isClear ? 1 : 0
    }

    // MARK: Commands

    private mutating func obey() {
        guard self[.sequence] != self[.accepted] else { return }
        let (command, sequence) = (self[.command], self[.sequence])
        if let work {
            guard command == 4 else { return }
            finish(work.sequence, Result.halted)
        }
        self[.accepted] = sequence
        let station = Int(self[.argument])
        switch command {
        case 1: begin(.pick(station), sequence)
        case 2: begin(.place(station), sequence)
        case 3:
            work = Work(task: .park, sequence: sequence, stage: .retreat, remaining: Stage.retreat.seconds)
            place = "between"
        case 4: finish(sequence, Result.ok)
        default: finish(sequence, Result.unknownCommand)
        }
    }

    private mutating func begin(_ task: Task, _ sequence: UInt16) {
        let (station, needsHeld) =
            switch task {
            case .pick(let station): (station, false)
            case .place(let station): (station, true)
            case .park: (0, false)
            }
        guard Self.stations.contains(station) else { return finish(sequence, Result.unknownStation) }
        guard (held != nil) == needsHeld else { return finish(sequence, Result.gripper) }
        work = Work(task: task, sequence: sequence, stage: .approach, remaining: Stage.approach.seconds)
        place = "between"
    }

    /// The result stands before the sequence that says it is there.
    private mutating func finish(_ sequence: UInt16, _ result: UInt16) {
        work = nil
        finished += 1
        self[.holding] = held == nil ? 0 : 1
        self[.clear] = isClear ? 1 : 0
        self[.result] = result
        self[.done] = sequence
    }

    // MARK: Motion

    private mutating func move(for seconds: Double) {
        var left = seconds
        while var current = work {
            guard !hasLost(current) else { return finish(current.sequence, Result.dropped) }
            // The table is there at the plant's next step.
            guard current.stage != .exchange else { return }
            let part = min(left, current.remaining)
            current.remaining -= part
            left -= part
            work = current
            guard current.remaining <= 0 else { return }
            next(current)
        }
    }

    /// What it ought to carry is not there any more.
    private func hasLost(_ current: Work) -> Bool {
        guard held == nil, current.result == Result.ok else { return false }
        switch (current.task, current.stage) {
        case (.place, .approach), (.place, .grip), (.pick, .retreat): return true
        case (.place, .exchange), (.place, .retreat), (.pick, .approach), (.pick, .grip), (.pick, .exchange),
            (.park, _):
            return false
        }
    }

    private mutating func next(_ current: Work) {
        switch current.stage {
        case .approach: enter(.grip, current)
        case .grip: enter(.exchange, current)
        case .exchange: enter(.retreat, current)
        case .retreat:
            if case .park = current.task { place = "park" }
            finish(current.sequence, current.result)
        }
    }

    private mutating func enter(_ stage: Stage, _ current: Work) {
        var current = current
        (current.stage, current.remaining) = (stage, stage.seconds)
        if stage == .grip { place = station(of: current.task) }
        if stage == .retreat { place = "between" }
        work = current
    }

    private func station(of task: Task) -> String {
        switch task {
        case .pick(let station), .place(let station): "\(station)"
        case .park: "park"
        }
    }

    // MARK: The table

    mutating func drop() {
        guard held != nil else { return }
        held = nil
        fallen += 1
    }

    mutating func meet(_ table: inout Worktable) {
        table.dropped += fallen
        fallen = 0
        guard var current = work, current.stage == .exchange else { return }
        switch current.task {
        case .pick(let station):
            held = table.take(from: station)
            if held == nil { current.result = Result.empty }
        case .place(let station):
            guard let cuvette = held else { break }
            if table.put(cuvette, at: station) { held = nil } else { current.result = Result.occupied }
        case .park: break
        }
        next(current)
    }
}
