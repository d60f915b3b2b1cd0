/// Every call that storage makes to the operating system: the one seam between the engine and
/// the machine.
///
/// `PosixFileSystem` is the real one. The tests have one in memory that crashes, tears writes and
/// fails calls as a disk may. Paths are plain strings; a descriptor is an integer that means
/// something to the file system that gave it. Every error is a `SystemError`.
package protocol FileSystem: Sendable {
    /// Opens `path`. Never follows a symbolic link in the last component for writing modes, and
    /// always closes on exec.
    func open(_ path: String, _ mode: OpenMode) throws(SystemError) -> FileDescriptor
    func close(_ file: FileDescriptor)

    /// Whether several threads may use it at once.
    var isConcurrent: Bool { get }

    /// Reads up to `buffer.count` bytes at `offset`; 0 at the end of the file. May be short.
    func read(
        _ file: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int

    /// Appends at the end of a file opened with `.append` or `.createNew`; may be short, returns
    /// the count of bytes written.
    func append(_ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int

    /// Writes at `offset` of a file opened with `.update`; may be short.
    func write(
        _ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int

    func truncate(_ file: FileDescriptor, to size: Int) throws(SystemError)

    /// Makes the file's data, and the size that is needed to read it, durable (fdatasync).
    func synchronizeData(_ file: FileDescriptor) throws(SystemError)
    /// Makes the file's data and metadata durable (fsync).
    func synchronize(_ file: FileDescriptor) throws(SystemError)
    /// Makes the entries of a directory durable: names made, renamed and removed in it.
    func synchronizeDirectory(_ path: String) throws(SystemError)

    func rename(_ path: String, to newPath: String) throws(SystemError)
    /// Gives the file at `path` a second name.
    func link(_ path: String, to newPath: String) throws(SystemError)
    func unlink(_ path: String) throws(SystemError)
    /// Makes one directory with mode 0700; an existing one is an error (EEXIST).
    func makeDirectory(_ path: String) throws(SystemError)
    /// Names in a directory, without `.` and `..`, in byte order.
    func entries(_ path: String) throws(SystemError) -> [String]

    func status(_ file: FileDescriptor) throws(SystemError) -> FileStatus
    func status(of path: String) throws(SystemError) -> FileStatus

    /// Takes a flock on the open file. Waits up to `milliseconds` (0: not at all).
    ///
    /// - Returns: false when somebody else held it for all of that time.
    func lock(
        _ file: FileDescriptor, _ kind: LockKind, waiting milliseconds: Int
    ) throws(SystemError) -> Bool
    func unlock(_ file: FileDescriptor)
    /// Takes the exclusive flock as `lock` does, behind those who have been waiting in this way
    /// already.
    func lockInTurn(
        _ file: FileDescriptor, waiting milliseconds: Int
    ) throws(SystemError) -> Bool
    /// Whether somebody waits in `lockInTurn` for the flock of this file.
    func isAwaited(_ file: FileDescriptor) -> Bool
    /// The process that has the exclusive flock of this file, where the system tells.
    func lockHolder(_ file: FileDescriptor) -> Int32?

    /// Names the running boot of this machine; another after every restart.
    var bootID: String { get }
    /// The id of this process, to name the holder of a lock.
    var processID: Int32 { get }
    /// Sets the permission bits of a file or directory.
    func changeMode(_ path: String, to mode: UInt32) throws(SystemError)
    /// Bytes that may still be written on the file system that holds `path`.
    func freeBytes(at path: String) throws(SystemError) -> Int
    /// Whether the directory is on a file system shared over a network, where locks and syncs
    /// cannot be trusted (S9).
    func isNetworkFileSystem(_ path: String) throws(SystemError) -> Bool
    /// Time that only goes forward, in milliseconds, for waits and leases.
    var monotonicMilliseconds: Int { get }
}

/// A file system on which nobody stands in line.
extension FileSystem {
    package func lockInTurn(
        _ file: FileDescriptor, waiting milliseconds: Int
    ) throws(SystemError) -> Bool {
        try lock(file, .exclusive, waiting: milliseconds)
    }

    package func isAwaited(_ file: FileDescriptor) -> Bool { false }
    package func lockHolder(_ file: FileDescriptor) -> Int32? { nil }
}

/// A handle of an open file.
package struct FileDescriptor: Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}

/// How a file is opened.
package enum OpenMode: Sendable {
    case read
    /// Reads and appends to a file that exists.
    case append
    /// Makes a file that must not exist yet, mode 0600, and appends to it; reading is allowed.
    case createNew
    /// Reads and writes in place; makes the file, mode 0600, where it is absent.
    case update
}

package enum LockKind: Sendable {
    case shared, exclusive
}

/// What the file system says of a file.
package struct FileStatus: Sendable, Equatable {
    package var size: Int
    package var inode: UInt64
    /// How many names the file has; 0 when it was unlinked while open.
    package var links: Int
    /// Permission bits.
    package var mode: UInt32
    package var isDirectory: Bool
    package var owner: UInt32

    package init(
        size: Int, inode: UInt64, links: Int, mode: UInt32, isDirectory: Bool, owner: UInt32
    ) {
        self.size = size
        self.inode = inode
        self.links = links
        self.mode = mode
        self.isDirectory = isDirectory
        self.owner = owner
    }
}

/// A system call that failed, by its errno.
package struct SystemError: Error, Equatable, Sendable {
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }
}

extension FileSystem {
    package var isConcurrent: Bool { false }
}
