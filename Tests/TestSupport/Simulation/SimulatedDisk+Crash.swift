/// What a crash leaves of the changes that no sync has stored.
package enum CrashPolicy: Sendable, CaseIterable {
    /// All of them, as if everything had been synced.
    case everything
    /// None of them.
    case nothing
    /// All up to some call; the write after it may be torn.
    case prefix
    /// Of each file, and of each directory, its own first ones: files overtake each other.
    case prefixOfEach
    /// Each by itself: kept, dropped, or torn at 512 bytes.
    case reordered
    /// The same, and what was being written may be garbage.
    case scattered

    /// Those that choose at random, from the kindest to the worst.
    package static let random: [CrashPolicy] = [.prefix, .prefixOfEach, .reordered, .scattered]
}

extension SimulatedDisk {
    /// What stands on the disk after a power cut at this moment.
    ///
    /// A pure function of the disk, the policy and the state of `random`.
    package func crashed(
        choosing random: inout SeededRandom, _ policy: CrashPolicy
    ) -> SimulatedDisk {
        var image = self
        image.boot = boot + 1
        let plan = plan(policy, &random)
        let stale = StaleBlocks(files: files.keys.sorted().compactMap { files[$0]?.durable })
        for inode in files.keys.sorted() {
            guard let file = files[inode] else { continue }
            let bytes = file.image(plan.data, &random, stale)
            image.files[inode] = SimulatedFile(stored: bytes, links: 0)
        }
        for change in pendingEntries where plan.keeps(change, &random) { image.store(change) }
        image.settleAfterCrash()
        return image
    }

    /// Which changes survive, chosen once for the whole disk.
    private struct Plan {
        var data: Survival
        var entries: Survival
        /// Where the order of each directory's changes is cut.
        var cuts: [Inode: Int] = [:]

        func keeps(_ change: EntryChange, _ random: inout SeededRandom) -> Bool {
            switch entries {
            case .everything: true
            case .nothing: false
            case .through(let sequence, _): change.sequence <= sequence
            case .ownPrefix:
                change.assignments.allSatisfy { change.sequence <= cuts[$0.directory] ?? 0 }
            case .someBlocks: random.next() % 2 == 0
            case .scattered(let keep, _): Int(random.next() % 8) < keep
            }
        }
    }

    private func plan(_ policy: CrashPolicy, _ random: inout SeededRandom) -> Plan {
        switch policy {
        case .everything: return Plan(data: .everything, entries: .everything)
        case .nothing: return Plan(data: .nothing, entries: .nothing)
        case .prefix:
            var calls = pendingEntries.map(\.sequence)
            for file in files.values { calls += file.pending.map(\.sequence) }
            calls.sort()
            let kept = Int(random.next() % UInt64(calls.count + 1))
            let survival = Survival.through(
                sequence: kept == 0 ? 0 : calls[kept - 1],
                torn: kept < calls.count && random.next() % 2 == 0 ? calls[kept] : nil)
            return Plan(data: survival, entries: survival)
        case .prefixOfEach:
            var plan = Plan(data: .ownPrefix, entries: .ownPrefix)
            for inode in directories.keys.sorted() {
                let own = pendingEntries.filter { change in
                    change.assignments.contains { $0.directory == inode }
                }
                let kept = Int(random.next() % UInt64(own.count + 1))
                plan.cuts[inode] = kept == 0 ? 0 : own[kept - 1].sequence
            }
            return plan
        case .reordered, .scattered:
            // From nearly nothing to nearly everything, data and names apart: the states where
            // one of the two is there without the other are the interesting ones.
            let chances = [0, 1, 4, 7, 8]
            let garble = policy == .scattered ? random.one(of: [1, 4]) : 0
            return Plan(
                data: .scattered(keep: random.one(of: chances), garble: garble),
                entries: .scattered(keep: random.one(of: chances), garble: 0))
        }
    }

    /// What fsck does: the stored names are the names, and what cannot be reached is freed.
    private mutating func settleAfterCrash() {
        pendingEntries = []
        var reached: Set<Inode> = [Self.root]
        var waiting = [Self.root]
        while let inode = waiting.popLast() {
            guard let entries = directories[inode]?.durable else { continue }
            directories[inode]?.current = entries
            for target in entries.values {
                files[target]?.links += 1
                if reached.insert(target).inserted { waiting.append(target) }
            }
        }
        files = files.filter { reached.contains($0.key) }
        directories = directories.filter { reached.contains($0.key) }
        forgetNameless()
    }
}

extension SimulatedDisk: CustomStringConvertible {
    /// Every path with the size of its file, one a line, for the message of a failed test.
    package var description: String {
        paths.map { path in "\(path) \(contents(of: path).map { String($0.count) } ?? "/")" }
            .joined(separator: "\n")
    }

    /// All files and directories, in byte order.
    package var paths: [String] {
        var found: [String] = []
        func walk(_ inode: Inode, _ prefix: String) {
            for (name, target) in directories[inode]?.current ?? [:] {
                found.append(prefix + name)
                walk(target, prefix + name + "/")
            }
        }
        walk(Self.root, "/")
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The bytes of a file as readers see them; nil for a directory, or where there is none.
    package func contents(of path: String) -> [UInt8]? {
        guard let inode = try? inode(at: path) else { return nil }
        return files[inode]?.current
    }

    /// Changes a stored file behind everybody's back: bit rot, an editor, a bad copy.
    ///
    /// - Returns: false where there is no such file.
    @discardableResult
    package mutating func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        guard let inode = try? inode(at: path), files[inode] != nil else { return false }
        files[inode]?.replace(with: bytes)
        return true
    }
}
