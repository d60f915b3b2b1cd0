import Formats
import Glibc
import Primitives

extension Store {
    /// Makes `manifest` the published generation.
    ///
    /// Everything it names is durable already, and so are their directories (S4). Order: write,
    /// sync the file, sync its directory, second name, rename, sync the root.
    func publish(_ manifest: Manifest) throws(ShopError) {
        let path = paths.manifest(generation: manifest.generation)
        try files.create(path, manifest.encoded)
        try files.synchronizeDirectory(paths.manifests)
        if try files.exists(paths.nextManifest) {
            try files.at(paths.nextManifest, "remove") { () throws(SystemError) in
                try files.system.unlink(paths.nextManifest)
            }
        }
        try files.at(paths.nextManifest, "create") { () throws(SystemError) in
            try files.system.link(path, to: paths.nextManifest)
        }
        try files.at(paths.manifest, "publish") { () throws(SystemError) in
            try files.system.rename(paths.nextManifest, to: paths.manifest)
        }
        try files.synchronizeDirectory(paths.root)
    }

    /// Copies bytes that are about to be cut or replaced into quarantine/, with a note why.
    func quarantine(_ bytes: [UInt8], named name: String, why: String) throws(ShopError) {
        try files.makeDirectory(paths.quarantine)
        var path = "\(paths.quarantine)/\(name)"
        var copy = 1
        while try files.exists(path) {
            copy += 1
            path = "\(paths.quarantine)/\(name)-\(copy)"
        }
        try files.create(path, bytes)
        var note = JSONWriter()
        note.beginObject()
        note.member("why", why)
        note.endObject()
        try files.create("\(path).why.json", note.bytes + [UInt8(ascii: "\n")])
        try files.synchronizeDirectory(paths.quarantine)
    }

    // MARK: - Removing what nobody needs

    /// Every so many generations a sweep also looks for files that no manifest ever named.
    private static let thoroughSweep = 32

    /// Removes what no reader can need: the files of old manifests that nobody pins, as far as no
    /// other manifest names them, and then those manifests. Held under COMPACT, so that no file
    /// of a step under way is taken for a leftover.
    ///
    /// - Parameter thoroughly: also the leftovers of interrupted steps, which no manifest names:
    ///   their search reads every list and directory.
    func sweep(keeping current: Manifest, thoroughly: Bool = false) throws(ShopError) {
        var kept = [current]
        var gone: [OldManifest] = []
        defer { for old in gone { files.close(old.file) } }
        let newest = zeroPadded(current.generation, 10) + ".json"
        for name in try list(paths.manifests) where name != newest {
            let old = try oldManifest("\(paths.manifests)/\(name)")
            if old.isPinned {
                files.close(old.file)
                if let manifest = old.manifest { kept.append(manifest) }
            } else {
                gone.append(old)
            }
        }
        for old in gone {
            if let manifest = old.manifest {
                for file in try names(in: manifest, butNotIn: kept) { try removeStored(file) }
            }
            try files.at(old.path, "remove") { () throws(SystemError) in
                try files.system.unlink(old.path)
            }
        }
        try removePurged(keeping: kept)
        let isSmall = current.collections.allSatisfy { $0.list == nil }
        if thoroughly || isSmall || current.generation % Self.thoroughSweep == 0 {
            try removeLeftovers(keeping: kept)
        }
    }

    private struct OldManifest {
        let path: String
        /// Open, and locked exclusively where nobody has it pinned.
        let file: FileDescriptor
        let isPinned: Bool
        /// nil when it cannot be read.
        let manifest: Manifest?
    }

    private func oldManifest(_ path: String) throws(ShopError) -> OldManifest {
        let file = try files.open(path, .read, to: "open")
        do throws(ShopError) {
            let free = try files.at(path, "lock") { () throws(SystemError) in
                try files.system.lock(file, .exclusive, waiting: 0)
            }
            let size = try files.status(file, path).size
            let bytes = try files.read(file, path, at: 0, count: size)
            return OldManifest(
                path: path, file: file, isPinned: !free,
                manifest: try? Manifest(decoding: bytes, path: path))
        } catch {
            files.close(file)
            throw error
        }
    }

    /// The files that only `manifest` names. Lists are read only where they differ.
    private func names(
        in manifest: Manifest, butNotIn kept: [Manifest]
    ) throws(ShopError) -> [String] {
        var runs = Set(kept.flatMap { $0.runs.map(\.file) })
        if isPlanted("sweep-takes-named-files") { runs = [] }
        var names = manifest.runs.map(\.file).filter { !runs.contains($0) }
        for collection in manifest.collections {
            let same = kept.flatMap { $0.collections.filter { $0.name == collection.name } }
            guard !same.contains(collection) else { continue }
            let needed = Set(try allFileNames(of: same))
            // A sweep that was interrupted may have removed this list: what it named and is still
            // there is found by the next thorough one.
            let old = (try? allFileNames(of: [collection])) ?? []
            names += old.filter { !needed.contains($0) }
        }
        return names
    }

    /// Paths of all files of collections, those that lists name among them.
    func allFileNames(of collections: [Manifest.Collection]) throws(ShopError) -> [String] {
        var names: [String] = []
        for collection in collections {
            names += collection.segments.map(\.file)
            guard let list = collection.list else { continue }
            names.append(list.table.file)
            let table = try Table(files, paths, list.table, BlockBudget())
            names += try Segments.read(table).map(\.file)
        }
        return names
    }

    func allFileNames(of manifest: Manifest) throws(ShopError) -> [String] {
        try manifest.runs.map(\.file) + allFileNames(of: manifest.collections)
    }

    private func removeLeftovers(keeping manifests: [Manifest]) throws(ShopError) {
        var named: Set<String> = []
        for manifest in manifests { named.formUnion(try allFileNames(of: manifest)) }
        for directory in ["recent"] + layout.directories {
            for name in try list("\(paths.root)/\(directory)") {
                let file = "\(directory)/\(name)"
                if !named.contains(file) { try removeStored(file) }
            }
        }
    }

    /// Removes the journal files that a purge has replaced and that no reader needs.
    private func removePurged(keeping manifests: [Manifest]) throws(ShopError) {
        for name in manifests[0].purged {
            let isNamed = manifests.contains { $0.journals.contains { $0.file == name } }
            if !isNamed { try removeStored("journal/\(name)") }
        }
    }

    /// Removes a run, segment, list or journal; one that is gone already was removed by a sweep
    /// that was interrupted.
    func removeStored(_ file: String) throws(ShopError) {
        let path = paths.table(file)
        do throws(SystemError) {
            try files.system.unlink(path)
        } catch  where error.code == ENOENT {
        } catch {
            throw ShopError.systemCall("remove", path, error)
        }
    }

    func list(_ directory: String) throws(ShopError) -> [String] {
        do throws(SystemError) {
            return try files.system.entries(directory)
        } catch  where error.code == ENOENT {
            return []
        } catch {
            throw ShopError.systemCall("list", directory, error)
        }
    }
}
