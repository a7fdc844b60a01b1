import Experiments

public enum PumpsPrime: APIMethod {
    public static let name = "pumps.prime"
    public static let role = Role.technician
    public static let summary =
        "Fills the line of a leased pump: as pumps.start, with the flow and volume of [maintenance] where none is given."
    public static let params: [Schema.Member] = [
        NamedDevice.member, .optional("flow_ul_min", PumpMoveParams.flow, "How fast."),
        .optional("volume_ul", PumpMoveParams.volume, "How much."),
    ]
    public static let result = PumpStartShape.schema
    public static let errors: [ErrorKind] =
        ErrorKind.ofActs + [
            .outOfRange, .insufficient, .deadEnd, .archiveUnavailable,
        ]

    public typealias Params = PumpMoveParams
    public typealias Result = PumpStartShape
}
