import Glibc
import Primitives

/// A directory that `--out` names, for commands that make several files.
struct OutputDirectory {
    private let path: String

    /// Whether a path means a directory: it is one, or ends in a slash.
    static func isMeant(by path: String) -> Bool {
        guard !path.hasSuffix("/") else { return true }
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the directory where there is none, for its owner only.
    ///
    /// - Throws: `cannot-create-output` (73).
    init(_ path: String) throws(ShopError) {
        var status = stat()
        if stat(path, &status) != 0, mkdir(path, 0o700) != 0 {
            throw .cannotCreateOutput(path, SystemError.text(errno))
        }
        self.path = path.hasSuffix("/") ? path : path + "/"
    }

    func path(of name: String) -> String { path + name }
}
