import Experiments

public enum PumpsStart: APIMethod {
    public static let name = "pumps.start"
    public static let role = Role.technician
    public static let summary =
        "Runs a leased pump for a finite volume, which it ends by itself; answered once it runs."
    public static let params: [Schema.Member] = [
        NamedDevice.member, .required("flow_ul_min", PumpMoveParams.flow, "How fast."),
        .required("volume_ul", PumpMoveParams.volume, "How much; the pump stops by itself then."),
    ]
    public static let result = PumpStartShape.schema
    public static let errors: [ErrorKind] =
        ErrorKind.ofActs + [
            .outOfRange, .insufficient, .deadEnd, .archiveUnavailable,
        ]

    public typealias Params = PumpMoveParams
    public typealias Result = PumpStartShape
}
