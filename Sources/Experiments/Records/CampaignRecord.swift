import Wire

/// A series of experiments with a name.
public struct CampaignRecord: Hashable, Sendable, Codable {
    /// `c-000001`
    public var campaign: String
    public var name: String
    /// The client's idempotency key.
    public var key: String?
    public var metadata: JSONValue?
    /// RFC 3339, UTC.
    public var created: String
    /// uid of its creator.
    public var createdBy: UInt32

    public init(
        campaign: String, name: String, key: String?, metadata: JSONValue?, created: String, createdBy: UInt32
    ) {
        self.campaign = campaign
        self.name = name
        self.key = key
        self.metadata = metadata
        self.created = created
        self.createdBy = createdBy
    }

    enum CodingKeys: String, CodingKey {
        case campaign, name, key, metadata, created
        case createdBy = "created_by"
    }
}
