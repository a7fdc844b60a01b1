import Quantities

/// What is in the syringes and in the waste container, as the archive keeps it.
public struct LedgerRecord: Hashable, Sendable, Codable {
    /// By the pump's name.
    public var syringes: [String: Syringe]
    public var waste: Waste

    public init(syringes: [String: Syringe], waste: Waste) {
        self.syringes = syringes
        self.waste = waste
    }

    public struct Syringe: Hashable, Sendable, Codable {
        public var reagent: String
        /// Of the stock; nil when nobody has said.
        public var batch: String?
        public var lot: String?
        /// Molarity of each component, mM.
        public var componentsMM: [String: Double]
        /// What it held when it was last filled, uL.
        public var filledUL: Double
        /// Displaced since, by the pump's own report, uL.
        public var usedUL: Double
        /// Part of `usedUL` that was charged without being seen: what a pump may have delivered while no daemon watched.
        public var uncertainUL: Double
        /// What a run under way may still deliver, uL; charged when the daemon dies before it has seen the end.
        public var reservedUL: Double
        /// Drawn back by the pump since it was filled, uL; nobody knows of what. nil: nothing.
        public var drawnBackUL: Double?
        /// RFC 3339, UTC; nil: as the bench file assumes.
        public var filled: String?
        public var filledBy: UInt32?

        public var remainingUL: Double { max(0, filledUL - usedUL) }
        /// How far the plunger is out, in uL.
        public var contentUL: Double { remainingUL + (drawnBackUL ?? 0) }

        public init(reagent: String, componentsMM: [String: Double], filledUL: Double) {
            self.reagent = reagent
            self.componentsMM = componentsMM
            self.filledUL = filledUL
            usedUL = 0
            uncertainUL = 0
            reservedUL = 0
        }

        enum CodingKeys: String, CodingKey {
            case reagent, batch, lot, filled
            case componentsMM = "components_mm"
            case filledUL = "filled_ul"
            case usedUL = "used_ul"
            case uncertainUL = "uncertain_ul"
            case reservedUL = "reserved_ul"
            case drawnBackUL = "drawn_back_ul"
            case filledBy = "filled_by"
        }
    }

    public struct Waste: Hashable, Sendable, Codable {
        public var usedUL: Double
        public var emptied: String?
        public var emptiedBy: UInt32?

        public init(usedUL: Double = 0) { self.usedUL = usedUL }

        enum CodingKeys: String, CodingKey {
            case emptied
            case usedUL = "used_ul"
            case emptiedBy = "emptied_by"
        }
    }
}

/// Something that a person, or a dead daemon, did to the ledger.
public struct ReagentAct: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case refill
        case emptyWaste = "empty_waste"
        /// What a pump may have delivered while no daemon watched.
        case charge
    }

    public let at: Moment
    public let uid: UInt32
    public let kind: Kind
    /// The pump; nil for the waste.
    public let device: String?
    /// Put in, taken out or charged, uL.
    public let volumeUL: Double
    public let batch: String?
    public let lot: String?
    public let note: String?

    public init(
        at: Moment, uid: UInt32, kind: Kind, device: String?, volumeUL: Double, batch: String? = nil,
        lot: String? = nil, note: String? = nil
    ) {
        self.at = at
        self.uid = uid
        self.kind = kind
        self.device = device
        self.volumeUL = volumeUL
        self.batch = batch
        self.lot = lot
        self.note = note
    }
}
