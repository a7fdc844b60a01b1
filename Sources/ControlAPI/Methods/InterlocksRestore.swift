import Experiments

/// Puts a bypassed interlock back into service before its time.
public enum InterlocksRestore: APIMethod {
    public static let name = "interlocks.restore"
    public static let role = Role.technician
    public static let summary = "Ends the bypass of an interlock before its time."
    public static let params: [Schema.Member] = [.required("interlock", .string(), "Its name in the bench file.")]
    public static let result = Schema.object([.required("interlock", .string(), "Its name.")])
    public static let errors: [ErrorKind] = [.notBypassed]

    public struct Params: Codable, Sendable {
        public var interlock: String

        public init(interlock: String) { self.interlock = interlock }
    }

    public struct Result: Codable, Sendable {
        public var interlock: String

        public init(interlock: String) { self.interlock = interlock }
    }
}
