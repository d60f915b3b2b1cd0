import Glibc
import Primitives

/// Whole reads and writes over the seam, with errno turned into the error a person reads.
///
/// The only place where a `SystemError` becomes a `ShopError`: with the path and the step.
struct Files: Sendable {
    let system: any FileSystem
    private static let unusual = 16 * 1024 * 1024

    func open(_ path: String, _ mode: OpenMode, to step: String) throws(ShopError)
        -> FileDescriptor
    {
        try at(path, step) { () throws(SystemError) in try system.open(path, mode) }
    }

    func close(_ file: FileDescriptor) { system.close(file) }

    /// Reads exactly `count` bytes at `offset`, or fewer where the file ends.
    func read(
        _ file: FileDescriptor, _ path: String, at offset: Int, count: Int
    ) throws(ShopError) -> [UInt8] {
        var failure: ShopError?
        let bytes = [UInt8](
            unsafeUninitializedCapacity: try sensible(count, file, path, at: offset)
        ) { buffer, filled in
            do throws(ShopError) {
                filled = try read(file, path, into: UnsafeMutableRawBufferPointer(buffer), offset)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The same bytes as a block, which are read to where they stay.
    func readBlock(
        _ file: FileDescriptor, _ path: String, at offset: Int, count: Int
    ) throws(ShopError) -> LoadedBlock {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: try sensible(count, file, path, at: offset), alignment: 16)
        do throws(ShopError) {
            let filled = try read(file, path, into: buffer, offset)
            return LoadedBlock(owning: buffer, filled: filled, from: offset)
        } catch {
            buffer.deallocate()
            throw error
        }
    }

    /// What a file says of another is no reason to ask for petabytes of memory.
    private func sensible(
        _ count: Int, _ file: FileDescriptor, _ path: String, at offset: Int
    ) throws(ShopError) -> Int {
        guard count > Self.unusual else { return max(0, count) }
        return min(count, max(0, try status(file, path).size - offset))
    }

    /// - Returns: how many bytes there were.
    private func read(
        _ file: FileDescriptor, _ path: String, into buffer: UnsafeMutableRawBufferPointer,
        _ offset: Int
    ) throws(ShopError) -> Int {
        var filled = 0
        do throws(SystemError) {
            while filled < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                let got = try system.read(file, into: rest, at: offset + filled)
                if got == 0 { break }
                filled += got
            }
        } catch {
            throw ShopError.systemCall("read", path, error)
        }
        return filled
    }

    /// The whole file at `path`, up to `limit` bytes.
    func contents(of path: String) throws(ShopError) -> [UInt8] {
        let file = try open(path, .read, to: "open")
        defer { close(file) }
        let size = try status(file, path).size
        return try read(file, path, at: 0, count: size)
    }

    /// Appends all of `bytes`, however many writes that takes.
    func append(
        _ file: FileDescriptor, _ path: String, _ bytes: UnsafeRawBufferPointer
    ) throws(ShopError) {
        var rest = bytes
        while !rest.isEmpty {
            let part = rest
            let count = try at(path, "write") { () throws(SystemError) in
                try system.append(file, part)
            }
            guard count > 0 else {
                throw ShopError.systemCall("write", path, SystemError(code: EIO))
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func append(_ file: FileDescriptor, _ path: String, _ bytes: [UInt8]) throws(ShopError) {
        var failure: ShopError?
        bytes.withUnsafeBytes { buffer in
            do throws(ShopError) { try append(file, path, buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    func status(_ file: FileDescriptor, _ path: String) throws(ShopError) -> FileStatus {
        try at(path, "examine") { () throws(SystemError) in try system.status(file) }
    }

    func synchronize(_ file: FileDescriptor, _ path: String) throws(ShopError) {
        try at(path, "sync") { () throws(SystemError) in try system.synchronize(file) }
    }

    func synchronizeDirectory(_ path: String) throws(ShopError) {
        try at(path, "sync") { () throws(SystemError) in try system.synchronizeDirectory(path) }
    }

    /// Writes a new file whole and makes its data durable; its name is durable only after the
    /// directory's own sync (S4). A leftover of an interrupted step under that name goes first.
    func create(_ path: String, _ bytes: [UInt8]) throws(ShopError) {
        let file = try createNew(path)
        defer { close(file) }
        try append(file, path, bytes)
        try synchronize(file, path)
    }

    /// A new file under a name that nothing published uses: what stands there is a leftover.
    func createNew(_ path: String) throws(ShopError) -> FileDescriptor {
        do throws(SystemError) {
            return try system.open(path, .createNew)
        } catch  where error.code == EEXIST {
            try at(path, "remove") { () throws(SystemError) in try system.unlink(path) }
            return try open(path, .createNew, to: "create")
        } catch {
            throw ShopError.systemCall("create", path, error)
        }
    }

    func makeDirectory(_ path: String) throws(ShopError) {
        do throws(SystemError) {
            try system.makeDirectory(path)
        } catch  where error.code == EEXIST {
            return
        } catch {
            throw ShopError.systemCall("create", path, error)
        }
    }

    func exists(_ path: String) throws(ShopError) -> Bool {
        do throws(SystemError) {
            _ = try system.status(of: path)
            return true
        } catch  where error.code == ENOENT || error.code == ENOTDIR {
            return false
        } catch {
            throw ShopError.systemCall("examine", path, error)
        }
    }

    func at<R>(
        _ path: String, _ step: String, _ call: () throws(SystemError) -> R
    ) throws(ShopError) -> R {
        do throws(SystemError) {
            return try call()
        } catch {
            throw ShopError.systemCall(step, path, error)
        }
    }
}

extension ShopError {
    /// A system call failed: which step, on which file, and why in the system's words.
    static func systemCall(_ step: String, _ path: String, _ error: SystemError) -> ShopError {
        let kind: ExitCode =
            switch error.code {
            case EACCES, EPERM: .noPermission
            default: .io
            }
        let suggestions: [String] =
            switch error.code {
            case ENOSPC, EDQUOT: ["df -h \(path)"]
            case EACCES, EPERM: ["ls -l \(path)"]
            default: []
            }
        return ShopError(
            kind, error.stableName, "cannot \(step) \(path): \(error.text)", at: path,
            try: suggestions, details: [.init("errno", String(error.code))])
    }
}

extension SystemError {
    /// The system's sentence for this errno, in lower case like the rest of our messages.
    package var text: String {
        switch code {
        case ENOSPC: "no space left on the device"
        case EDQUOT: "disk quota exceeded"
        case EIO: "input/output error"
        case EACCES, EPERM: "permission denied"
        case ENOENT: "no such file or directory"
        case EROFS: "the file system is read-only"
        case EFBIG: "file too large"
        case EMFILE, ENFILE: "too many open files"
        default: String(cString: strerror(code)).lowercased()
        }
    }

    var stableName: String {
        switch code {
        case ENOSPC, EDQUOT: "disk-full"
        case EACCES, EPERM: "permission-denied"
        case ENOENT: "file-missing"
        case EROFS: "read-only-file-system"
        default: "io-error"
        }
    }
}

extension SystemError {
    /// The file is there and may be read, but not written.
    var isReadOnly: Bool { code == EROFS || code == EACCES || code == EPERM }
}
