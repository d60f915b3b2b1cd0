import Glibc
package import Storage

/// A call that a program made to the simulated file system.
package struct SimulatedCall: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        // These change something, or promise that a change is stored.
        case append, write, truncate, synchronizeData, synchronize, synchronizeDirectory
        case rename, link, unlink, makeDirectory, create
        // These only look.
        case open, read, status, entries, lock
    }

    package let kind: Kind
    package let path: String
    /// Bytes handed over, or the size asked for.
    package let count: Int

    package var description: String {
        switch kind {
        case .append, .write, .truncate: "\(kind.rawValue) \(path) (\(count))"
        default: "\(kind.rawValue) \(path)"
        }
    }
}

extension Set<SimulatedCall.Kind> {
    /// The calls that are counted as steps of a program.
    package static let mutating: Self = [
        .append, .write, .truncate, .synchronizeData, .synchronize, .synchronizeDirectory,
        .rename, .link, .unlink, .makeDirectory, .create,
    ]
    /// The calls that only look.
    package static let looking = Set(SimulatedCall.Kind.allCases).subtracting(.mutating)
    /// Those that a full disk refuses.
    package static let allocating: Self = [
        .append, .write, .link, .makeDirectory, .create, .rename, .synchronize, .synchronizeData,
        .synchronizeDirectory,
    ]
    package static let syncs: Self = [.synchronizeData, .synchronize, .synchronizeDirectory]
    package static let writes: Self = [.append, .write]
}

/// Something that goes wrong at the k-th of some calls.
package struct Fault: Sendable, CustomStringConvertible {
    package enum Effect: Sendable, Equatable {
        /// The call fails. It has no effect, but for what a failed sync of a file does.
        case error(Int32, FailedSync = .nothingWritten)
        /// A write takes half of the bytes, a read gives half; nothing happens to other calls.
        case short
        /// The machine stops before the call, and every later call of every process fails.
        case powerCut
        /// The process is killed before the call, and every later call of it fails.
        case kill
    }

    let effect: Effect
    let calls: Set<SimulatedCall.Kind>
    /// Counted from 1, among the calls of those kinds after the fault was set.
    let at: Int
    let forever: Bool
    private var seen = 0

    /// - Parameters:
    ///   - call: which call fails, counted from 1 among `calls` from when the fault is set.
    ///   - forever: whether all later ones do as well.
    package init(
        _ effect: Effect, on calls: Set<SimulatedCall.Kind> = .mutating, at call: Int,
        forever: Bool = false
    ) {
        self.effect = effect
        self.calls = calls
        at = call
        self.forever = forever
    }

    mutating func strikes(_ kind: SimulatedCall.Kind) -> Bool {
        guard calls.contains(kind) else { return false }
        seen += 1
        return forever ? seen >= at : seen == at
    }

    package var description: String {
        let what =
            switch effect {
            case .error(let code, .nothingWritten): Self.name(of: code)
            case .error(let code, let outcome): "\(Self.name(of: code)) with \(outcome)"
            case .short: "short transfers"
            case .powerCut: "power cut"
            case .kill: "kill"
            }
        return "\(what) at call \(at)\(forever ? " and for ever after" : "")"
    }

    private static func name(of code: Int32) -> String {
        switch code {
        case EIO: "EIO"
        case ENOSPC: "ENOSPC"
        case EINTR: "EINTR"
        default: "errno \(code)"
        }
    }
}

extension SystemError {
    /// What every call says once the simulated machine, or the process, is dead.
    package static let simulatedCrash = SystemError(code: 9_999)
}
