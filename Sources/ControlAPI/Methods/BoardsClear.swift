import Experiments

/// A board may work again.
public enum BoardsClear: APIMethod {
    public static let name = "boards.clear"
    public static let role = Role.technician
    public static let summary =
        "Ends a fault that a leased board has latched, once its cause is gone: a new session begins, and everything on the board is off."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = ErrorKind.ofActs

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
