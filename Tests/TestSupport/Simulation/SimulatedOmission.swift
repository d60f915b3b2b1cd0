import Storage

/// Whether a planted defect leaves a call out, which then says that it was made.
func leavesOut(_ kind: SimulatedCall.Kind, _ path: String) -> Bool {
    #if DEBUG
        guard let defect = PlantedDefect.current else { return false }
        let directory = path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        let isTable =
            !["", "journal", "manifests", "quarantine"].contains(directory)
            && path.hasSuffix(".jsonl")
        switch (defect, kind) {
        case (.journalSyncDropped, .synchronizeData): return directory == "journal"
        case (.tableSyncDropped, .synchronize): return isTable
        case (.manifestSyncDropped, .synchronize), (.manifestSyncAfterRename, .synchronize):
            return directory == "manifests"
        case (.rootDirectorySyncDropped, .synchronizeDirectory): return path == "/shop"
        case (.parentDirectorySyncDropped, .synchronizeDirectory): return path == "/"
        case (.journalDirectorySyncDropped, .synchronizeDirectory): return directory == "journal"
        case (.recentDirectorySyncDropped, .synchronizeDirectory): return directory == "recent"
        case (.collectionDirectorySyncDropped, .synchronizeDirectory):
            return ["catalog", "orders", "index", "payments", "users"].contains(directory)
        case (.watermarkNotWritten, .write), (.lockNotTaken, .lock): return directory == "LOCK"
        case (.pinNotTaken, .lock): return directory == "MANIFEST.json"
        case (.shortWriteLeft, .truncate): return directory == "journal"
        default: return false
        }
    #else
        return false
    #endif
}

/// Whether the sync of the manifest comes only now, when its name is already in place.
func isLateForManifest(_ directory: String) -> Bool {
    #if DEBUG
        return PlantedDefect.current == .manifestSyncAfterRename && directory == "/shop"
    #else
        return false
    #endif
}
