import Experiments

/// The inputs of recipes of the kind `box`, as the daemon names them in `recipes.schema`, and the part of the box to
/// sample. An input may be given from 0 to 1 (`temperature=0.5`) or as what it stands for (`temperature_c=135`).
public struct InputBox: Sendable {
    public struct Input: Hashable, Sendable {
        /// `temperature`
        public let name: String
        public let standsFor: RecipeForms.Quantity?
        public let isHardToChange: Bool

        public init(name: String, standsFor: RecipeForms.Quantity? = nil, isHardToChange: Bool = false) {
            self.name = name
            self.standsFor = standsFor
            self.isHardToChange = isHardToChange
        }
    }

    /// What is wrong with a word of the command line.
    public struct Mistake: Error, Hashable, Sendable {
        public let detail: String

        public init(_ detail: String) { self.detail = detail }
    }

    public let inputs: [Input]
    /// In the order of `inputs`, within 0 to 1.
    public private(set) var bounds: [ClosedRange<Double>]

    private static let prefix = "x."
    /// The ends of a physical range may miss 0 or 1 by a rounding.
    private static let rounding = 1e-9

    public init(inputs: [Input]) {
        self.inputs = inputs
        self.bounds = inputs.map { _ in 0...1 }
    }

    /// - Parameter form: that of the kind `box`.
    public init(_ form: RecipeForms.Form) {
        self.init(
            inputs: form.parameters.filter { $0.name.hasPrefix(Self.prefix) }.map {
                Input(
                    name: String($0.name.dropFirst(Self.prefix.count)), standsFor: $0.standsFor,
                    isHardToChange: $0.hardToChange)
            })
    }

    /// The middle of what is sampled.
    public var centre: [Double] { bounds.map { Self.tidy(($0.lowerBound + $0.upperBound) / 2) } }

    public var hardToChange: Int? { inputs.firstIndex { $0.isHardToChange } }

    /// - Parameter name: an input's, or that of what it stands for.
    public func index(of name: String) throws(Mistake) -> Int {
        guard let index = inputs.firstIndex(where: { $0.name == name || $0.standsFor?.name == name }) else {
            throw Mistake("\"\(name)\": expected one of \(inputs.map(\.name).joined(separator: ", "))")
        }
        return index
    }

    /// Narrows one input: `temperature=0.2:0.8`, `temperature_c=126:144`.
    public mutating func narrow(_ text: String) throws(Mistake) {
        let (name, value) = try Self.split(text, "NAME=LOW:HIGH")
        let ends = value.split(separator: ":", omittingEmptySubsequences: false).compactMap { Double($0) }
        guard value.filter({ $0 == ":" }).count == 1, ends.count == 2, ends[0] <= ends[1] else {
            throw Mistake("\"\(text)\": expected NAME=LOW:HIGH")
        }
        let index = try index(of: name)
        bounds[index] = try place(ends[0], name, index)...place(ends[1], name, index)
    }

    /// The input and its value from 0 to 1 in `temperature=0.5` or `temperature_c=135`.
    public func value(_ text: String) throws(Mistake) -> (index: Int, x: Double) {
        let (name, value) = try Self.split(text, "NAME=VALUE")
        guard let number = Double(value) else { throw Mistake("\"\(text)\": expected NAME=VALUE") }
        let index = try index(of: name)
        return (index, try place(number, name, index))
    }

    /// The inputs at a point of the unit cube, within `bounds`.
    public func x(at point: [Double]) -> [Double] {
        zip(bounds, point).map { Self.tidy($0.lowerBound + ($0.upperBound - $0.lowerBound) * $1) }
    }

    /// - Precondition: as many values as inputs.
    public func recipe(_ x: [Double]) -> Recipe {
        precondition(x.count == inputs.count, "a value for each input")
        return .box(BoxRecipe(x: Dictionary(uniqueKeysWithValues: zip(inputs.map(\.name), x))))
    }

    private func place(_ value: Double, _ name: String, _ index: Int) throws(Mistake) -> Double {
        let input = inputs[index]
        var (low, high) = (0.0, 1.0)
        if name != input.name, let quantity = input.standsFor { (low, high) = (quantity.minimum, quantity.maximum) }
        let x = high > low ? (value - low) / (high - low) : 0
        guard x >= -Self.rounding, x <= 1 + Self.rounding else {
            throw Mistake("\(name) = \(value): expected \(low) to \(high)")
        }
        return Self.tidy(min(1, max(0, x)))
    }

    /// To a millionth: no device resolves more, and the numbers stay readable.
    private static func tidy(_ x: Double) -> Double { (x * 1e6).rounded() / 1e6 }

    private static func split(_ text: String, _ expected: String) throws(Mistake) -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw Mistake("\"\(text)\": expected \(expected)") }
        return (parts[0], parts[1])
    }
}
