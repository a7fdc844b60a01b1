/// The arm, its gripper, and the queue that it works through.
struct DobotArm: Sendable {
    enum Step: Sendable {
        case move([Double])
        case grip(Bool)
        /// Parameters of motion: taken, and without effect here.
        case nothing

        /// nil: no queued command with these parameters.
        init?(_ request: DobotParser.Request) {
            let parameters = request.parameters
            switch request.id {
            case 31, 80...83: self = .nothing
            case 62, 63:
                guard parameters.count == 2 else { return nil }
                self = .grip(parameters[0] != 0 && parameters[1] != 0)
            case 84:
                guard parameters.count == 17 else { return nil }
                let target = (0..<4).map { Self.number(parameters, at: 1 + 4 * $0) }
                guard target.allSatisfy({ $0.isFinite && $0.magnitude < 1000 }) else { return nil }
                self = .move(target)
            default: return nil
            }
        }

        private static func number(_ bytes: [UInt8], at start: Int) -> Double {
            var word: UInt32 = 0
            for byte in bytes[start..<start + 4].reversed() { word = word << 8 | UInt32(byte) }
            return Double(Float(bitPattern: word))
        }
    }

    struct Entry: Sendable {
        let index: UInt64
        let step: Step
    }

    /// Where its places are: x, y, z in mm.
    static let places: [(number: Int, at: [Double])] = [
        (Worktable.Place.dobotSource, [200, 0, -20]), (Worktable.Place.dobotTarget, [150, 150, -20]),
    ]
    static let reach = 3.0, speed = 100.0, gripSeconds = 0.3
    /// More are not taken.
    static let longestQueue = 32

    /// x, y, z in mm, r in degrees.
    private(set) var pose = [220.0, 0, 80, 0]
    private(set) var isClosed = false
    private(set) var held: Worktable.Cuvette?
    var hasAlarm = false
    var isStarted = false
    var queue: [Entry] = []
    /// Of the last step that is done.
    private(set) var currentIndex: UInt64 = 0
    private var lastIndex: UInt64 = 0
    /// What it is at, and the bench seconds that a gripper still needs.
    private var active: Entry?
    private var gripLeft = 0.0
    /// The gripper has closed or opened, and the table has not seen it yet.
    private var isGripNew = false
    private var fallen = 0
    private var hasMetTable = false

    var isMoving: Bool { active != nil && !hasAlarm }

    var place: String { nearest.map { "\($0)" } ?? "between" }

    private var nearest: Int? {
        Self.places.first { distance(to: $0.at) <= Self.reach }?.number
    }

    /// nil: the queue is full.
    mutating func enqueue(_ step: Step) -> UInt64? {
        guard queue.count < Self.longestQueue else { return nil }
        lastIndex += 1
        queue.append(Entry(index: lastIndex, step: step))
        return lastIndex
    }

    /// A stop lets the step that is under way come to its end.
    mutating func advance(by seconds: Double) {
        guard !hasAlarm else { return }
        var left = seconds
        while !isGripNew {
            if active == nil {
                guard isStarted, !queue.isEmpty else { return }
                active = queue.removeFirst()
                gripLeft = Self.gripSeconds
            }
            guard let entry = active, work(on: entry.step, &left) else { return }
            currentIndex = entry.index
            active = nil
        }
    }

    /// Whether it is done.
    private mutating func work(on step: Step, _ left: inout Double) -> Bool {
        switch step {
        case .nothing: return true
        case .move(let target):
            let way = distance(to: target)
            guard left * Self.speed < way else {
                left -= way / Self.speed
                pose = target
                return true
            }
            let share = left * Self.speed / way
            for index in pose.indices { pose[index] += share * (target[index] - pose[index]) }
            return false
        case .grip(let isClosed):
            guard left >= gripLeft else {
                gripLeft -= left
                return false
            }
            left -= gripLeft
            isGripNew = self.isClosed != isClosed
            self.isClosed = isClosed
            return true
        }
    }

    private func distance(to target: [Double]) -> Double {
        (0..<3).reduce(0) { $0 + (target[$1] - pose[$1]) * (target[$1] - pose[$1]) }.squareRoot()
    }

    // MARK: The table

    mutating func drop() {
        guard held != nil else { return }
        held = nil
        fallen += 1
    }

    mutating func meet(_ table: inout Worktable) {
        if !hasMetTable {
            table.provide(at: Worktable.Place.dobotSource)
            hasMetTable = true
        }
        if isGripNew {
            isGripNew = false
            if isClosed { take(from: &table) } else { release(to: &table) }
        }
        table.dropped += fallen
        fallen = 0
    }

    private mutating func take(from table: inout Worktable) {
        guard held == nil, let nearest else { return }
        held = table.take(from: nearest)
    }

    private mutating func release(to table: inout Worktable) {
        guard let cuvette = held else { return }
        held = nil
        guard let nearest, table.put(cuvette, at: nearest) else {
            fallen += 1
            return
        }
    }
}
