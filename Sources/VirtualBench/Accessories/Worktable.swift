/// What stands about beside the bench, and what a robot may carry: places with a cuvette or without. Of the simulated
/// world only; how the daemon names its stations, and what it believes to stand there, is its own.
public struct Worktable: Sendable {
    /// One cuvette, whoever has it.
    public struct Cuvette: Hashable, Sendable {
        public let number: Int
        public var microliters = 0.0
    }

    /// What a cuvette takes before it runs over.
    static let cuvetteCapacity = 3500.0

    /// Places as robots number them.
    public enum Place {
        public static let rack = 1, filler = 2, spectrometer = 3, waste = 4
        /// Within reach of a small arm of its own.
        public static let dobotSource = 11, dobotTarget = 12
    }

    /// By place; a rack refills itself, since somebody puts clean cuvettes there, and the waste takes any number.
    public private(set) var cuvettes: [Int: Cuvette] = [:]
    public private(set) var discarded = 0
    /// Cuvettes that lie on the floor.
    public internal(set) var dropped = 0
    /// What ran out where no cuvette stood, or over its brim, uL.
    public internal(set) var spilled = 0.0
    private var made = 0

    public init() { refillRack() }

    private mutating func refillRack() { provide(at: Place.rack) }

    /// Somebody puts a clean cuvette there.
    mutating func provide(at place: Int, microliters: Double = 0) {
        made += 1
        cuvettes[place] = Cuvette(number: made, microliters: microliters)
    }

    /// nil where there is none.
    public mutating func take(from place: Int) -> Cuvette? {
        let taken = cuvettes.removeValue(forKey: place)
        if place == Place.rack { refillRack() }
        return taken
    }

    /// Whether there was room.
    public mutating func put(_ cuvette: Cuvette, at place: Int) -> Bool {
        if place == Place.waste {
            discarded += 1
            return true
        }
        guard cuvettes[place] == nil else { return false }
        cuvettes[place] = cuvette
        return true
    }

    /// So much runs out of the filler's nozzle.
    mutating func pour(_ microliters: Double) {
        guard var cuvette = cuvettes[Place.filler] else {
            spilled += microliters
            return
        }
        let taken = min(microliters, Self.cuvetteCapacity - cuvette.microliters)
        cuvette.microliters += taken
        spilled += microliters - taken
        cuvettes[Place.filler] = cuvette
    }
}
