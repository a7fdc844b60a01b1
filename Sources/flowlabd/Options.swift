/// The command line of `flowlabd`.
struct Options {
    var configuration: String
    var endpoints: String?
    var stateDirectory: String?
    var socket: String?
    var checkOnly = false
    var isVerbose = false

    enum Parsed {
        case run(Options)
        case help
        case version
        case reference
        case wrong(String)
    }

    static let help = """
        Usage: flowlabd --config FILE [options]

        Owns the devices of one bench, keeps it safe, runs experiments and serves the control API.

          --config FILE      the bench file (see docs/bench-file.md)
          --check-config     check the bench file, say everything that is wrong with it, and end
          --endpoints FILE   ports and paths of the links, as flowlab-sim writes them (simulated benches)
          --state DIR        where the archive lives (default: the bench file's, else /var/lib/flowlab/BENCH)
          --socket PATH      the control socket (default: the bench file's, else /run/flowlab/BENCH/control.sock)
          --verbose          log at debug level
          --print-api-reference   print the reference of the control API as Markdown, and end
          --version, --help

        Exit codes: 0 ended as asked, 1 could not run or go on, 2 wrong usage, 78 the bench file is not right.
        """

    static func parse(_ arguments: [String]) -> Parsed {
        var options = Options(configuration: "")
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": return .help
            case "--version": return .version
            case "--print-api-reference": return .reference
            case "--check-config": options.checkOnly = true
            case "--verbose": options.isVerbose = true
            case "--config", "--endpoints", "--state", "--socket":
                guard let value = rest.popFirst() else { return .wrong("\(word) wants a value") }
                options.set(word, value)
            default: return .wrong("\(word) is not an option of flowlabd")
            }
        }
        return options.configuration.isEmpty ? .wrong("--config FILE is missing") : .run(options)
    }

    private mutating func set(_ word: String, _ value: String) {
        switch word {
        case "--config": configuration = value
        case "--endpoints": endpoints = value
        case "--state": stateDirectory = value
        default: socket = value
        }
    }
}
