import Formats
import Glibc
package import Primitives

extension Store {
    /// What a path is, as far as making or opening a shop goes.
    package enum Kind: Sendable, Equatable {
        /// Nothing there, or an empty directory, or one whose making was interrupted.
        case absent
        case shop
        /// Something else: never touched.
        case foreign
    }

    /// Says what is at the store's path without changing it.
    package func kind() throws(ShopError) -> Kind {
        if try files.exists(paths.manifest) { return .shop }
        let names: [String]
        do throws(SystemError) {
            names = try files.system.entries(paths.root)
        } catch  where error.code == ENOENT {
            return .absent
        } catch  where error.code == ENOTDIR {
            return .foreign
        } catch {
            throw ShopError.systemCall("list", paths.root, error)
        }
        if names.isEmpty { return .absent }
        return try isUnfinished(names) ? .absent : .foreign
    }

    /// A directory whose making was interrupted: only names that `create` makes, nothing in its
    /// collections, and no transaction in its journal, so that nothing can be lost by beginning
    /// again.
    private func isUnfinished(_ names: [String]) throws(ShopError) -> Bool {
        let tables = ["recent"] + layout.directories
        let known = ["shop.json", "LOCK", "COMPACT", "MANIFEST.next", "manifests", "journal"]
        guard names.allSatisfy({ known.contains($0) || tables.contains($0) }) else { return false }
        for directory in tables where names.contains(directory) {
            guard try list("\(paths.root)/\(directory)").isEmpty else { return false }
        }
        for name in try list(paths.journals) {
            let text = try files.contents(of: paths.journal(name))
            for line in text.split(separator: UInt8(ascii: "\n")).dropFirst()
            where ChecksummedLine.opening(Array(line)) != nil {
                return false
            }
        }
        return try list(paths.manifests).count <= 1
    }

    /// Makes a shop's data directory, whose publication is the last step: until then the
    /// directory is no shop, and making it can begin again.
    ///
    /// - Parameters:
    ///   - settings: the text of shop.json.
    ///   - shop: the shop's id, which every file of it names.
    ///   - allowingNetwork: make it on a network file system all the same (S9).
    /// - Throws: `not-a-shop` (5) where something else is; `already-a-shop` (5).
    package func create(
        settings: [UInt8], shop: String, allowingNetwork: Bool = false
    ) throws(ShopError) {
        try makeDirectories()
        if !allowingNetwork, try isOnNetwork() { throw .networkFileSystem(paths.root) }
        switch try kind() {
        case .foreign: throw .directoryNotEmpty(paths.root)
        case .shop: throw .alreadyAShop(paths.root)
        case .absent: break
        }
        let lock = try files.open(paths.lock, .update, to: "create")
        lockFile = lock
        let taken = try files.at(paths.lock, "lock") { () throws(SystemError) in
            try files.system.lock(lock, .exclusive, waiting: 5_000)
        }
        guard taken else { throw .dataDirectoryLocked(paths.root, nil, 5_000) }
        defer { files.system.unlock(lock) }
        // Another process may have made it while this one waited.
        guard try !files.exists(paths.manifest) else { throw .alreadyAShop(paths.root) }
        try makeFiles(settings, shop)
    }

    private func makeFiles(_ settings: [UInt8], _ shop: String) throws(ShopError) {
        for directory in [paths.manifests, paths.journals, paths.recent]
            + layout.directories.map({ "\(paths.root)/\($0)" })
        {
            try files.makeDirectory(directory)
        }
        try files.create(paths.compact, [])
        try files.create(paths.shop, settings)
        let header = JournalHeader(shop: shop, first: 1, prev: 0)
        let name = JournalHeader.fileName(first: 1)
        let bytes = header.encoded
        try files.create(paths.journal(name), bytes)
        try files.synchronizeDirectory(paths.journals)
        // The manifest's new name in the root must not be there before shop.json's and those of
        // the directories are (S4).
        try files.synchronizeDirectory(paths.root)
        try publish(
            Manifest(
                shop: shop, generation: 1, nextFile: 1,
                folded: Manifest.Folded(tx: 0, bytes: bytes.count, crc: 0, at: ""),
                journals: [Manifest.JournalFile(file: name, first: 1, acknowledged: bytes.count)],
                runs: [], collections: []))
    }

    private func makeDirectories() throws(ShopError) {
        var parents: [String] = []
        var path = Self.parent(of: paths.root)
        while path != "/", path != ".", try !files.exists(path) {
            parents.append(path)
            path = Self.parent(of: path)
        }
        // A directory is there after a power cut only when the one that holds it was synced.
        for directory in parents.reversed() + [paths.root] {
            try files.makeDirectory(directory)
            try files.synchronizeDirectory(Self.parent(of: directory))
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        let parent = String(path[..<slash])
        return parent.isEmpty ? "/" : parent
    }

    private func isOnNetwork() throws(ShopError) -> Bool {
        try files.at(paths.root, "examine") { () throws(SystemError) in
            try files.system.isNetworkFileSystem(paths.root)
        }
    }
}

extension ShopError {
    static func directoryNotEmpty(_ path: String) -> ShopError {
        ShopError(
            .config, "not-a-shop", "\(path) is neither empty nor a shop's data directory",
            at: path, why: "nothing in it was touched",
            try: ["shopctl --data-dir DIR init", "ls -la \(path)"])
    }

    static func alreadyAShop(_ path: String) -> ShopError {
        ShopError(
            .conflict, "already-a-shop", "\(path) holds a shop already", at: path,
            try: ["shopctl --data-dir \(path) product list"])
    }

    static func networkFileSystem(_ path: String) -> ShopError {
        ShopError(
            .config, "network-file-system", "\(path) is on a network file system", at: path,
            why: "locks and syncs cannot be trusted there (S9)",
            try: ["shopctl --data-dir DIR init", "shopctl init --allow-network"])
    }
}
