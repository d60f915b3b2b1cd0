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

    /// Removes what no reader can need: old manifests that nobody pins, then every run and
    /// segment that no remaining manifest names. Held under COMPACT, so that no file of a step
    /// under way is taken for a leftover.
    func sweep(keeping current: Manifest) throws(ShopError) {
        var kept = Set(current.fileNames)
        let newest = zeroPadded(current.generation, 10) + ".json"
        for name in try list(paths.manifests) where name != newest {
            let path = "\(paths.manifests)/\(name)"
            if let pinned = try removeUnlessPinned(path) { kept.formUnion(pinned.fileNames) }
        }
        for directory in ["recent"] + layout.directories {
            for name in try list("\(paths.root)/\(directory)") {
                let file = "\(directory)/\(name)"
                if !kept.contains(file) {
                    try files.at(paths.table(file), "remove") { () throws(SystemError) in
                        try files.system.unlink(paths.table(file))
                    }
                }
            }
        }
    }

    /// Removes a manifest under its own exclusive lock; returns it when a reader has it pinned.
    private func removeUnlessPinned(_ path: String) throws(ShopError) -> Manifest? {
        let file = try files.open(path, .read, to: "open")
        defer { files.close(file) }
        let free = try files.at(path, "lock") { () throws(SystemError) in
            try files.system.lock(file, .exclusive, waiting: 0)
        }
        guard free else {
            let size = try files.status(file, path).size
            return try Manifest(
                decoding: try files.read(file, path, at: 0, count: size), path: path)
        }
        try files.at(path, "remove") { () throws(SystemError) in try files.system.unlink(path) }
        return nil
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
