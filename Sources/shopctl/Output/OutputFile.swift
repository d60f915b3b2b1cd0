import Glibc
import Primitives

/// A file that `--out` makes: written beside its name and moved there when it is whole, so that
/// nobody ever reads half of it.
final class OutputFile {
    let path: String
    private let descriptor: Int32
    /// Nil where the target is a device or a pipe, which is written to directly.
    private let temporaryPath: String?
    private var isFinished = false

    /// - Parameter mode: permissions of a new file, less the umask.
    /// - Throws: `cannot-create-output`, exit 73, before the command does any work.
    init(path: String, mode: UInt32 = 0o666) throws(ShopError) {
        self.path = path
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw .cannotCreateOutput(path, "it is a directory")
            }
            temporaryPath = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let temporary = Self.temporaryPath(beside: path)
            temporaryPath = temporary
            descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        }
        guard descriptor >= 0 else {
            throw .cannotCreateOutput(path, SystemError.text(errno))
        }
    }

    deinit {
        if !isFinished { abandon() }
    }

    private static func temporaryPath(beside path: String) -> String {
        let (directory, name) = split(path)
        return directory + "." + name + "." + String(getpid()) + ".tmp"
    }

    /// The directory with its slash (empty for the current one), and the name in it.
    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[slash...].dropFirst()))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ShopError) {
        switch TerminalConsole.writeAll(bytes, to: descriptor) {
        case .done: return
        case .closed: throw .outputFailed(path, SystemError.text(EPIPE))
        case .failed(let number): throw .outputFailed(path, SystemError.text(number))
        }
    }

    /// Publishes the file: sync, rename, sync of the directory.
    func finish() throws(ShopError) {
        isFinished = true
        guard let temporaryPath else {
            close(descriptor)
            return
        }
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporaryPath, path) == 0
        else {
            let reason = SystemError.text(errno)
            unlink(temporaryPath)
            throw .outputFailed(path, reason)
        }
        let directory = Self.split(path).directory
        let handle = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { return }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw .outputFailed(path, SystemError.text(errno)) }
    }

    /// Leaves nothing behind.
    func abandon() {
        isFinished = true
        close(descriptor)
        if let temporaryPath { unlink(temporaryPath) }
    }
}

/// Words for an errno.
enum SystemError {
    static func text(_ number: Int32) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text).lowercased()
    }
}

extension ShopError {
    static func cannotCreateOutput(_ path: String, _ reason: String) -> ShopError {
        ShopError(
            .cantCreate, "cannot-create-output", "cannot make \(path): \(reason)", at: "--out")
    }

    /// Not exit 74, which promises that nothing is stored: a change whose result cannot be printed
    /// is made all the same.
    static func outputFailed(_ path: String, _ reason: String) -> ShopError {
        ShopError(
            .cantCreate, "output-failed", "writing to \(path) failed: \(reason)")
    }
}
