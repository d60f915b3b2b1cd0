import Primitives

/// Runs and segments without what a purge takes out.
extension Store {
    /// The runs, segments and lists that concern somebody, by their content or, of segments, by the
    /// keys that bound their range.
    func tables(
        concerning redacting: any Redacting, _ generation: Generation
    ) throws(ShopError) -> [String] {
        var names: [String] = []
        for run in generation.manifest.runs where try concerns(run, redacting) {
            names.append(run.file)
        }
        for collection in layout.collections {
            for segment in try generation.segments(of: collection.name).all()
            where try concerns(segment, redacting) {
                names.append(segment.file)
            }
        }
        return names
    }

    private func concerns(
        _ table: Manifest.TableFile, _ redacting: any Redacting
    ) throws(ShopError) -> Bool {
        if Self.concerns(key: table.first, redacting) || Self.concerns(key: table.last, redacting) {
            return true
        }
        return try holds(paths.table(table.file), redacting)
    }

    private static func concerns(key: [UInt8], _ redacting: any Redacting) -> Bool {
        key.withUnsafeBytes { redacting.concerns($0, tx: nil) }
    }

    /// Writes anew what has to be, from what counts now.
    ///
    /// First the segments: those of `names`, those whose range a run has such a change in, and the
    /// neighbour below where a range begins with such a key. They then hold all that runs know of
    /// their range, so that a run can be left without it.
    ///
    /// - Parameter generation: its journal's tail is empty.
    func purgeTables(
        of generation: Generation, _ redacting: any Redacting, _ names: [String],
        _ manifest: inout Manifest
    ) throws(ShopError) {
        let names = Set(names)
        let runs = generation.manifest.runs.filter { names.contains($0.file) }
        for collection in layout.collections {
            var due: Set<Int> = []
            for run in runs where run.holds(collection.name.utf8) {
                due.formUnion(try segments(of: collection, changedBy: run, redacting, generation))
            }
            let segments = try generation.segments(of: collection.name).all()
            for (index, segment) in segments.enumerated() where names.contains(segment.file) {
                due.insert(index)
                if index > 0, Self.concerns(key: segment.first, redacting) { due.insert(index - 1) }
            }
            guard !due.isEmpty else { continue }
            try rewriteSegments(due, of: collection, generation, &manifest)
        }
        for run in runs {
            let rest = try rewritten(run, of: generation, manifest)
            guard let index = manifest.runs.firstIndex(where: { $0.file == run.file }) else {
                continue
            }
            manifest.runs.replaceSubrange(index...index, with: rest.map { [$0] } ?? [])
        }
        try files.synchronizeDirectory(paths.recent)
    }

    /// The segments in whose range a run has a change that concerns somebody; 0 where the
    /// collection has none yet.
    private func segments(
        of collection: Layout.Collection, changedBy run: Manifest.TableFile,
        _ redacting: any Redacting, _ generation: Generation
    ) throws(ShopError) -> Set<Int> {
        let segments = try generation.segments(of: collection.name).all()
        let range = KeyRange(collection: collection.name)
        let cursor = try TableCursor(
            run, isRun: true, from: range.from, to: range.to, .ascending, of: generation)
        var found: Set<Int> = []
        while !cursor.isAtEnd {
            let isTheirs =
                redacting.concerns(cursor.key, tx: nil)
                || cursor.record.map { redacting.concerns($0, tx: nil) } ?? false
            if isTheirs {
                let inner = UnsafeRawBufferPointer(
                    rebasing: cursor.key[(collection.name.utf8.count + 1)...])
                found.insert(Manifest.covering(inner, in: segments) ?? 0)
            }
            try cursor.advance()
        }
        return found
    }

    /// Writes neighbouring segments anew as one range, so that no old key bounds a part of it.
    private func rewriteSegments(
        _ due: Set<Int>, of collection: Layout.Collection, _ generation: Generation,
        _ manifest: inout Manifest
    ) throws(ShopError) {
        var segments = try generation.segments(of: collection.name).all()
        let old = segments
        let view = View(generation)
        var end = due.max() ?? 0
        while end >= 0 {
            var start = end
            while due.contains(start - 1) { start -= 1 }
            let isThere = old.indices.contains(start)
            let from = Self.range(of: isThere ? start : nil, in: old, collection.name)
            let to = Self.range(of: isThere ? end : nil, in: old, collection.name)
            let bound = isThere && start > 0 ? old[start].first : []
            let written = try writeSegments(
                from: try view.mergedCursor(KeyRange(from: from.from, to: to.to), .ascending),
                of: collection, covering: bound, upTo: manifest.folded.tx, &manifest)
            if isThere { segments.replaceSubrange(start...end, with: written) } else {
                segments = written
            }
            end = due.filter { $0 < start }.max() ?? -1
        }
        manifest.set(try self.collection(collection, of: segments, &manifest.nextFile))
        try files.synchronizeDirectory("\(paths.root)/\(collection.directory)")
    }

    /// A run without the changes that the segments of `manifest` hold; nil where none is left.
    private func rewritten(
        _ run: Manifest.TableFile, of generation: Generation, _ manifest: Manifest
    ) throws(ShopError) -> Manifest.TableFile? {
        let name = "\(run.file.dropLast(6))-\(manifest.generation).jsonl"
        let writer = try TableWriter(files, paths, name: name)
        for collection in layout.collections where run.holds(collection.name.utf8) {
            let range = KeyRange(collection: collection.name)
            let cursor = try TableCursor(
                run, isRun: true, from: range.from, to: range.to, .ascending, of: generation)
            let base = manifest.collections.first { $0.name == collection.name }
            let left = try MergedCursor(
                newestFirst: [cursor], base: nil,
                covering: base.map { Segments($0, of: generation) },
                collection: collection.name.utf8.count, .ascending)
            while !left.isAtEnd {
                try writer.add(line: left.change.line, key: left.change.key)
                try left.advance()
            }
        }
        return writer.isEmpty ? nil : try writer.finish(fromTx: run.fromTx, upTo: run.upTo)
    }
}
