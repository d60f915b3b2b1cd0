import Glibc
import Primitives

/// A file of this account of the machine that nobody else can read, under
/// `$XDG_STATE_HOME/shopctl`: what a person has beside the shop.
struct StateFile {
    let path: String
    private let directory: String

    /// - Returns: nil where there is no home directory to keep it in.
    init?(_ name: String, _ environment: Environment) {
        guard let state = environment.stateDirectory else { return nil }
        directory = state
        path = "\(state)/\(name)"
    }

    /// - Returns: nil where there is no such file yet.
    /// - Throws: `session-file-open` (78) where others can read it.
    func read() throws(ShopError) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
            throw .stateFileIsOpen(path)
        }
        return try InputFile(path: path).contents()
    }

    /// Holds a lock beside the file, which itself is replaced by every write.
    func locked<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R {
        try makeDirectories()
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .cannotCreateOutput(path, SystemError.text(errno)) }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .cannotCreateOutput(path, SystemError.text(errno)) }
        }
        return try body()
    }

    func write(_ bytes: [UInt8]) throws(ShopError) {
        let file = try OutputFile(path: path, mode: 0o600)
        var failure: ShopError?
        bytes.withUnsafeBytes { buffer in
            do throws(ShopError) { try file.write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        try file.finish()
    }

    private func makeDirectories() throws(ShopError) {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            if mkdir(path, 0o700) != 0, errno != EEXIST {
                throw .cannotCreateOutput(path, SystemError.text(errno))
            }
        }
    }
}

extension ShopError {
    static func stateFileIsOpen(_ path: String) -> ShopError {
        ShopError(
            .config, "session-file-open", "others can read your file \(path)", at: path,
            try: ["chmod 600 \(ShellWords.quoted(path))"])
    }
}
