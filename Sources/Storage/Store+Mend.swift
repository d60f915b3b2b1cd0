import Formats
package import Primitives

extension Store {
    /// Makes one repair of `examine`'s. What is taken away is kept in `quarantine/`.
    ///
    /// - Throws: `data-directory-locked` (75) while another process merges or imports.
    package func mend(_ repair: Finding.Repair) throws(ShopError) {
        try settle()
        switch repair {
        case .mode(let path, let mode):
            try files.at(path, "change the mode of") { () throws(SystemError) in
                try files.system.changeMode(path, to: mode)
            }
        case .republish(let path): try republish(path)
        case .setAside(let path):
            try mendingTables { () throws(ShopError) in
                try setAside(path, why: "an interrupted step left it; nothing named it")
                try files.at(path, "remove") { () throws(SystemError) in
                    try files.system.unlink(path)
                }
            }
        case .cutTail:
            // Every writer does it before it writes.
            try acquire()
            release()
        case .rebuild(let file):
            try mendingTables { () throws(ShopError) in try rebuild(file) }
        case .empty(let collection):
            try mendingTables { () throws(ShopError) in try empty(collection) }
        case .reindex, .dropExpired: break
        }
    }

    private func mendingTables(_ body: () throws(ShopError) -> Void) throws(ShopError) {
        let done: Void? = try holdingCompaction { () throws(ShopError) in
            try acquire()
            defer { release() }
            try body()
        }
        if done == nil { throw .dataDirectoryLocked(paths.root, try watermark(), 0) }
    }

    private func republish(_ path: String) throws(ShopError) {
        try files.at(paths.manifest, "publish") { () throws(SystemError) in
            try files.system.link(path, to: paths.manifest)
        }
        try files.synchronizeDirectory(paths.root)
        generation = nil
    }

    /// Gives a file a second name in quarantine/, with a note why it is there.
    private func setAside(_ path: String, why: String) throws(ShopError) {
        guard try files.exists(path) else { return }
        try quarantine(try files.contents(of: path), named: Self.name(of: path), why: why)
    }

    private static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// Writes a damaged run or segment anew from the journal, which holds every change.
    private func rebuild(_ file: String) throws(ShopError) {
        guard let generation else { return }
        var manifest = generation.manifest
        manifest.generation += 1
        if let index = manifest.runs.firstIndex(where: { $0.file == file }) {
            manifest.runs[index] = try rebuiltRun(manifest.runs[index], generation, manifest)
            try files.synchronizeDirectory(paths.recent)
        } else {
            try rebuildSegment(file, generation, &manifest)
        }
        try setAside(paths.table(file), why: "it was damaged; another was made from the journal")
        try publish(manifest)
        try adoptPublished(manifest)
    }

    private func rebuiltRun(
        _ run: Manifest.TableFile, _ generation: Generation, _ manifest: Manifest
    ) throws(ShopError) -> Manifest.TableFile {
        let changes = try replayed(generation) { $0 >= run.fromTx && $0 <= run.upTo }
        let name = "\(run.file.dropLast(6))-\(manifest.generation).jsonl"
        let writer = try TableWriter(files, paths, name: name)
        for entry in changes.sorted() {
            try changes.withBytes(of: entry) { (key, value) throws(ShopError) in
                try writer.add(key: key, tx: entry.tx, now: value)
            }
        }
        return try writer.finish(fromTx: run.fromTx, upTo: run.upTo)
    }

    private func rebuildSegment(
        _ file: String, _ generation: Generation, _ manifest: inout Manifest
    ) throws(ShopError) {
        for collection in layout.collections {
            var segments = try generation.segments(of: collection.name).all()
            guard let index = segments.firstIndex(where: { $0.file == file }) else { continue }
            let segment = segments[index]
            let range = Self.range(of: index, in: segments, collection.name)
            let changes = try replayed(generation) { $0 <= segment.upTo }
            let cursor = try MergedCursor(
                newestFirst: [OverlayCursor(changes, changes.sorted(in: range)[...], .ascending)],
                base: nil, covering: nil, collection: collection.name.utf8.count, .ascending)
            let written = try writeSegments(
                from: cursor, of: collection, covering: segment.first, upTo: segment.upTo,
                &manifest)
            segments.replaceSubrange(index...index, with: written)
            manifest.set(try self.collection(collection, of: segments, &manifest.nextFile))
            try files.synchronizeDirectory("\(paths.root)/\(collection.directory)")
        }
    }

    /// The changes of the transactions that `wanted` accepts, the last of each key.
    private func replayed(
        _ generation: Generation, _ wanted: (Int) -> Bool
    ) throws(ShopError) -> Overlay {
        var changes = Overlay()
        var walk = JournalWalk(files, paths, generation.manifest)
        for (index, journal) in generation.manifest.journals.enumerated() {
            let isOpen = index == generation.manifest.journals.count - 1
            let end = isOpen ? generation.tail.end : journal.acknowledged
            let path = paths.journal(journal.file)
            try walk.walk(journal, upTo: end) { (tx, line) throws(ShopError) in
                guard wanted(tx) else { return }
                let base = changes.append(line)
                do throws(JSONError) {
                    _ = try JournalLine.apply(line, tx: tx, at: base, to: &changes)
                } catch {
                    throw .journalCorrupt(path, 0)
                }
            }
        }
        return changes
    }

    /// Takes every record out of an index; its files stay in quarantine.
    private func empty(_ collection: String) throws(ShopError) {
        guard let generation, let place = layout.collections.first(where: { $0.name == collection })
        else { return }
        var manifest = generation.manifest
        manifest.generation += 1
        for segment in try generation.segments(of: collection).all() {
            try setAside(paths.table(segment.file), why: "it was damaged; it is worked out again")
        }
        let cursor = try MergedCursor(
            newestFirst: [], base: nil, covering: nil, collection: collection.utf8.count,
            .ascending)
        let segments = try writeSegments(
            from: cursor, of: place, covering: [], upTo: manifest.folded.tx, &manifest)
        manifest.set(try self.collection(place, of: segments, &manifest.nextFile))
        try files.synchronizeDirectory("\(paths.root)/\(place.directory)")
        try publish(manifest)
        try adoptPublished(manifest)
    }
}
