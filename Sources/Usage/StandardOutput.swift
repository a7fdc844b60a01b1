import Glibc

/// What a program has printed.
public enum StandardOutput {
    /// Whether the last of it was written, as far as it had not been before; if not, that is said on the standard error.
    public static func isComplete(of program: String) -> Bool {
        guard fflush(nil) != 0 else { return true }
        let line = Array("\(program): the output is not complete: it could not be written\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        return false
    }
}
