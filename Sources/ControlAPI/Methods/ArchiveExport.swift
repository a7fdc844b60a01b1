import Experiments

/// A table of the archive as text for other programs.
public enum ArchiveExport: APIMethod {
    public static let name = "archive.export"
    public static let role = Role.observer
    public static let summary = "One page of a table of the archive as CSV; each page begins with its header."
    public static let params: [Schema.Member] = [
        .required(
            "table", .word(ExportTable.allCases.map(\.rawValue)),
            "experiments has one row an experiment, with everything but its spectra."),
        .optional("campaign", ExperimentSchema.campaign, "Only what belongs to this campaign."),
        .optional("page", .integer(1...1_000_000), "1 if left out."),
    ]
    public static let result = Schema.object([
        .required("table", .word(ExportTable.allCases.map(\.rawValue)), "The table."),
        .required("page", .integer(), "This page."),
        .required("pages", .integer(), "Number of pages."),
        .required(
            "csv", .string(count: 0...APILimits.lineBytes), "RFC 4180 with LF; the first line names the columns."),
    ])
    public static let errors: [ErrorKind] = [.notFound, .unknownCampaign]

    public struct Params: Codable, Sendable {
        public var table: ExportTable
        public var campaign: String?
        public var page: Int?

        public init(table: ExportTable, campaign: String? = nil, page: Int? = nil) {
            self.table = table
            self.campaign = campaign
            self.page = page
        }
    }

    public struct Result: Codable, Sendable {
        public var table: ExportTable
        public var page: Int
        public var pages: Int
        public var csv: String

        public init(table: ExportTable, page: Int, pages: Int, csv: String) {
            self.table = table
            self.page = page
            self.pages = pages
            self.csv = csv
        }
    }
}
