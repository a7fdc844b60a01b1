import Experiments

public enum PumpsRefill: APIMethod {
    public static let name = "pumps.refill"
    public static let role = Role.technician
    public static let summary =
        "Draws into the syringe of a leased pump what its line dips into; say afterwards what it holds: reagents.refill."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .optional("flow_ul_min", PumpMoveParams.flow, "How fast; that of [maintenance] if left out."),
        .optional("volume_ul", PumpMoveParams.volume, "How much; until the syringe is full if left out."),
    ]
    public static let result = PumpStartShape.schema
    public static let errors: [ErrorKind] =
        ErrorKind.ofActs + [
            .outOfRange, .insufficient, .deadEnd, .archiveUnavailable,
        ]

    public typealias Params = PumpMoveParams
    public typealias Result = PumpStartShape
}
