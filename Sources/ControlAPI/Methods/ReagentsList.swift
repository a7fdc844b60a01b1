import Experiments

/// What is in the syringes and in the waste container.
public enum ReagentsList: APIMethod {
    public static let name = "reagents.list"
    public static let role = Role.observer
    public static let summary = "What each syringe holds, and how much room the waste has."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("reagents", .array(Entry.schema), "In the order of the bench file."),
        .required("waste", Waste.schema, "The waste container."),
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var reagents: [Entry]
        public var waste: Waste

        public init(reagents: [Entry], waste: Waste) {
            self.reagents = reagents
            self.waste = waste
        }
    }

    public struct Entry: Codable, Sendable {
        public var device: String
        public var reagent: String
        public var batch: String?
        public var lot: String?
        public var componentsMM: [String: Double]
        public var capacityUL: Double
        public var remainingUL: Double
        public var usedUL: Double
        public var uncertainUL: Double
        public var filled: String?
        public var filledBy: UInt32?
        public var low: Bool

        public init(_ syringe: SyringeView) {
            device = syringe.device.text
            reagent = syringe.contents.reagent
            batch = syringe.contents.batch
            lot = syringe.contents.lot
            componentsMM = syringe.contents.componentsMM
            capacityUL = syringe.capacityUL
            remainingUL = syringe.contents.remainingUL
            usedUL = syringe.contents.usedUL
            uncertainUL = syringe.contents.uncertainUL
            filled = syringe.contents.filled
            filledBy = syringe.contents.filledBy
            low = syringe.isLow
        }

        static let schema = Schema.object([
            .required("device", .string(), "The pump."), .required("reagent", .string(), "As the bench file names it."),
            .optional("batch", .string(), "Of the stock; null when nobody has said."),
            .optional("lot", .string(), "Of the chemical; null when nobody has said."),
            .required("components_mm", .table(.number()), "Molarity of each component."),
            .required("capacity_ul", .number(), "What the syringe can hold."),
            .required("remaining_ul", .number(), "What it holds."),
            .required("used_ul", .number(), "Displaced since it was filled."),
            .required("uncertain_ul", .number(), "Part of used_ul that was charged without being seen."),
            .optional("filled", .time, "When it was last filled; null: as the bench file assumes."),
            .optional("filled_by", .integer(), "uid of whoever filled it."),
            .required("low", .boolean, "Less is left than the bench file's warning level."),
        ])

        enum CodingKeys: String, CodingKey {
            case device, reagent, batch, lot, filled, low
            case componentsMM = "components_mm"
            case capacityUL = "capacity_ul"
            case remainingUL = "remaining_ul"
            case usedUL = "used_ul"
            case uncertainUL = "uncertain_ul"
            case filledBy = "filled_by"
        }
    }

    public struct Waste: Codable, Sendable {
        public var capacityUL: Double?
        public var usedUL: Double
        public var remainingUL: Double?
        public var emptied: String?
        public var emptiedBy: UInt32?

        public init(_ ledger: LedgerView) {
            capacityUL = ledger.wasteCapacityUL
            usedUL = ledger.waste.usedUL
            remainingUL = ledger.wasteCapacityUL.map { max(0, $0 - ledger.waste.usedUL) }
            emptied = ledger.waste.emptied
            emptiedBy = ledger.waste.emptiedBy
        }

        static let schema = Schema.object([
            .optional("capacity_ul", .number(), "What the container can hold; null: not limited."),
            .required("used_ul", .number(), "What it holds."),
            .optional("remaining_ul", .number(), "What it has room for."),
            .optional("emptied", .time, "When it was last emptied."),
            .optional("emptied_by", .integer(), "uid of whoever emptied it."),
        ])

        enum CodingKeys: String, CodingKey {
            case emptied
            case capacityUL = "capacity_ul"
            case usedUL = "used_ul"
            case remainingUL = "remaining_ul"
            case emptiedBy = "emptied_by"
        }
    }
}
