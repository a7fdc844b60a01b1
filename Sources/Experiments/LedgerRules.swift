import Quantities

/// `[ledger]` and `[reagents]` of the bench file: what is booked, and what a stock must be like.
public struct LedgerRules: Hashable, Sendable {
    /// A component must be there in at least so many times the molarity of another one, or the stock spoils.
    public struct Ratio: Hashable, Sendable {
        public let component: String
        public let per: String
        public let atLeast: Double
        /// What happens otherwise, and what to do, in the words of the bench file.
        public let response: String

        public init(component: String, per: String, atLeast: Double, response: String) {
            self.component = component
            self.per = per
            self.atLeast = atLeast
            self.response = response
        }

        /// nil when the stock keeps the ratio, or has none of the second component.
        public func violation(_ componentsMM: [String: Double]) -> Double? {
            guard let base = componentsMM[per], base > 0 else { return nil }
            let ratio = (componentsMM[component] ?? 0) / base
            // As told by people: 5.0 is made of 151 and 30.2.
            return ratio >= atLeast * (1 - 1e-9) ? nil : ratio
        }
    }

    /// What the waste container holds; nil: waste is counted, not limited.
    public var wasteCapacity: Volume?
    /// A syringe with less than this share of what it was filled with is low.
    public var lowFraction: Double
    /// Whether a pump may deliver only what somebody has given a batch.
    public var requiresBatch: Bool
    /// Molarity of each component by reagent, mM, where the bench file says it.
    public var componentsMM: [String: [String: Double]]
    public var ratios: [Ratio]

    public init(
        wasteCapacity: Volume? = nil, lowFraction: Double = 0.1, requiresBatch: Bool = false,
        componentsMM: [String: [String: Double]] = [:], ratios: [Ratio] = []
    ) {
        self.wasteCapacity = wasteCapacity
        self.lowFraction = lowFraction
        self.requiresBatch = requiresBatch
        self.componentsMM = componentsMM
        self.ratios = ratios
    }
}
