import Experiments

/// Gives the bench back.
public enum MaintenanceExit: APIMethod {
    public static let name = "maintenance.exit"
    public static let role = Role.technician
    public static let summary = "Ends the maintenance: the queue goes on, plate and pumps may start at once."
    public static let params: [Schema.Member] = []
    public static let result = MaintenanceShape.schema
    public static let errors: [ErrorKind] = [.notInMaintenance]

    public typealias Params = Empty
    public typealias Result = MaintenanceShape
}
