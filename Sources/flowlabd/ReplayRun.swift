import Configuration
import Experiments
import Glibc
import Platform
import Recording
import RecordingFiles

/// `flowlabd --replay`: what the daemon of the recording did, done again by this one. It opens no port and no socket, and
/// writes nothing.
enum ReplayRun {
    static let different: Int32 = 1
    static let refused: Int32 = 5

    static func run(_ path: String) -> Int32 {
        let files: RecordedFiles
        do throws(PlatformError) {
            files = try RecordedFiles(path)
        } catch {
            Program.complain(error.description)
            return refused
        }
        var runs = RecordedRuns(define: define)
        switch runs.replay(files) {
        case .same(let inputs, let writes, let notes):
            for note in notes { print("note: \(note)") }
            print("replayed \(inputs) inputs, \(writes) writes, all the same")
            guard fflush(nil) == 0 else {
                Program.complain("the output is not complete: it could not be written")
                return refused
            }
            return 0
        case .different(let place):
            print("differs: \(place)")
            return different
        case .refused(let why):
            Program.complain(why)
            return refused
        }
    }

    private static func define(_ start: RunStart) -> Result<BenchDefinition, RecordingError> {
        do throws(ConfigurationError) {
            let source = BenchSource(name: start.file, text: start.text, endpoints: start.endpoints)
            return .success(try BenchFile.parse(source).definition)
        } catch {
            return .failure(.unreadable(what: "the bench file", detail: error.description))
        }
    }
}
