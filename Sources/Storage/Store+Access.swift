import Glibc
package import Primitives

extension Store {
    /// Refuses a directory that others may write: whoever can put a file in the place of another
    /// decides what the shop says, and who may do what in it.
    ///
    /// What is inside is looked at only where others can get there at all, which is not so in a
    /// directory that shopctl made.
    ///
    /// - Throws: `open-to-others` (78).
    package func checkAccess() throws(ShopError) {
        guard try refuseOpen(paths.root) else { return }
        let directories =
            [paths.manifests, paths.journals, paths.recent]
            + layout.directories.map { "\(paths.root)/\($0)" }
        for path in [paths.shop, paths.manifest, paths.lock] + directories {
            _ = try refuseOpen(path)
        }
    }

    /// - Returns: whether others may do anything with it; false where it is not there.
    private func refuseOpen(_ path: String) throws(ShopError) -> Bool {
        let mode: UInt32
        do throws(SystemError) {
            mode = try files.system.status(of: path).mode
        } catch  where error.code == ENOENT {
            return false
        } catch {
            throw ShopError.systemCall("examine", path, error)
        }
        guard mode & 0o022 == 0 else { throw .openToOthers(path) }
        return mode & 0o077 != 0
    }
}

extension ShopError {
    fileprivate static func openToOthers(_ path: String) -> ShopError {
        ShopError(
            .config, "open-to-others", "others may write to \(path)", at: path,
            why: "whoever can write there can change the shop unseen",
            try: ["chmod go-w \(path)", "shopctl doctor --fix"])
    }
}
