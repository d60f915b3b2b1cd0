import Glibc
package import Primitives

/// Files in `outbox/`, for a program of the shop's owner to deliver. They are no part of the state.
extension Store {
    /// Makes one, whole and durable; until then its name ends in `.new`.
    ///
    /// - Parameter isMeant: whether anybody is to get it. Where not, the same work is done, and
    ///   nothing is left: whoever waits for it learns nothing.
    /// - Throws: `disk-full`, `io-error` (74).
    package func putIntoOutbox(
        _ name: String, _ bytes: [UInt8], isMeant: Bool
    ) throws(ShopError) {
        try files.makeDirectory(paths.outbox)
        let path = "\(paths.outbox)/\(name)"
        let draft = "\(path).new"
        try files.create(draft, bytes)
        try files.at(path, "create") { () throws(SystemError) in
            if isMeant {
                try files.system.rename(draft, to: path)
            } else {
                try files.system.unlink(draft)
            }
        }
        try files.synchronizeDirectory(paths.outbox)
    }

    /// Their names, the newest first: a code that was asked for just now is waited for.
    package func outbox() throws(ShopError) -> [String] {
        guard try files.exists(paths.outbox) else { return [] }
        let names = try files.at(paths.outbox, "list") { () throws(SystemError) in
            try files.system.entries(paths.outbox)
        }
        return names.filter { $0.hasSuffix(".json") }.reversed()
    }

    /// - Returns: nil where it was taken away meanwhile.
    package func contentsOfOutbox(_ name: String) throws(ShopError) -> [UInt8]? {
        let path = "\(paths.outbox)/\(name)"
        guard try files.exists(path) else { return nil }
        return try files.contents(of: path)
    }

    package func removeFromOutbox(_ name: String) throws(ShopError) {
        let path = "\(paths.outbox)/\(name)"
        try files.at(path, "remove") { () throws(SystemError) in
            do throws(SystemError) {
                try files.system.unlink(path)
            } catch  where error.code == ENOENT {
                return
            }
        }
        try files.synchronizeDirectory(paths.outbox)
    }

    /// Runs `body` while no other process does so.
    ///
    /// - Returns: nil where another one does, or there is no outbox yet.
    package func holdingOutbox<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R? {
        guard try files.exists(paths.outbox) else { return nil }
        let directory = try files.open(paths.outbox, .read, to: "open")
        defer { files.close(directory) }
        let isMine = try files.at(paths.outbox, "lock") { () throws(SystemError) in
            try files.system.lock(directory, .exclusive, waiting: 0)
        }
        guard isMine else { return nil }
        defer { files.system.unlock(directory) }
        return try body()
    }
}
