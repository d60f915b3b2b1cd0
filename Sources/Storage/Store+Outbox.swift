package import Primitives

extension Store {
    /// Makes a file in `outbox/`, for a program of the shop's owner to deliver and remove. It is
    /// no part of the state: nothing of the store ever reads or removes it.
    ///
    /// - Throws: `disk-full`, `io-error` (74).
    package func putIntoOutbox(_ name: String, _ bytes: [UInt8]) throws(ShopError) {
        try files.makeDirectory(paths.outbox)
        try files.create("\(paths.outbox)/\(name)", bytes)
        try files.synchronizeDirectory(paths.outbox)
    }
}
