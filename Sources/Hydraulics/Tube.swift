import Quantities

/// One stretch of tubing of constant bore (inner diameter).
public struct TubeSection: Hashable, Sendable {
    public let name: String
    public let bore: Length
    public let length: Length

    public init(name: String, bore: Length, length: Length) {
        self.name = name
        self.bore = bore
        self.length = length
    }

    /// pi/4 d² L; a cubic millimetre is a microlitre.
    public var volume: Volume {
        Volume(microliters: Double.pi / 4 * bore.millimeters * bore.millimeters * length.millimeters)
    }
}

/// A tube that leaves a node: one or more sections in series, ending at the node `to`.
public struct Tube: Hashable, Sendable {
    public let to: String
    public let sections: [TubeSection]

    public init(to: String, sections: [TubeSection]) {
        self.to = to
        self.sections = sections
    }

    /// A plain tube: one section, named after where it leads.
    public init(to: String, bore: Length, length: Length) {
        self.init(to: to, sections: [TubeSection(name: "to_\(to)", bore: bore, length: length)])
    }

    public var volume: Volume { sections.reduce(.zero) { $0 + $1.volume } }
}

/// A place of the flow network: a junction where pumps and tubes join, or a detector that the stream passes.
public struct FlowNode: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The names of the pumps that deliver into this junction.
        case junction(inlets: [String])
        case detector
    }

    public let name: String
    public let kind: Kind
    /// Where the stream goes on; nil at an outlet.
    public let tube: Tube?

    public static func junction(_ name: String, inlets: [String], tube: Tube?) -> FlowNode {
        FlowNode(name: name, kind: .junction(inlets: inlets), tube: tube)
    }

    public static func detector(_ name: String, tube: Tube?) -> FlowNode {
        FlowNode(name: name, kind: .detector, tube: tube)
    }

    /// The pumps that deliver into this very node.
    public var inlets: [String] {
        switch kind {
        case .junction(let inlets): inlets
        case .detector: []
        }
    }

    /// Where the node stands in a bench file.
    var path: String {
        switch kind {
        case .junction: "network.junctions.\(name)"
        case .detector: "network.detectors.\(name)"
        }
    }
}
