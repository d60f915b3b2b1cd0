import CLinux
import Glibc

/// The machine's own file system.
///
/// Loops on EINTR, closes on exec, waits for locks by polling the clock rather than by signals:
/// a library must not take the process's timers.
package struct PosixFileSystem: FileSystem {
    package let bootID: String
    package let processID: Int32
    /// Milliseconds after which somebody who waits for a lock tries it out of turn.
    let courtesy: Int

    package init(courtesy: Int = 20) {
        self.courtesy = courtesy
        bootID = Self.readBootID()
        processID = getpid()
    }

    package func open(_ path: String, _ mode: OpenMode) throws(SystemError) -> FileDescriptor {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .append: O_RDWR | O_APPEND | O_NOFOLLOW
            case .createNew: O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW
            case .update: O_RDWR | O_CREAT | O_NOFOLLOW
            }
        let descriptor = try retrying { Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        return FileDescriptor(rawValue: Int32(descriptor))
    }

    package var isConcurrent: Bool { true }

    package func close(_ file: FileDescriptor) {
        _ = Glibc.close(file.rawValue)
    }

    package func read(
        _ file: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        try retrying { pread(file.rawValue, buffer.baseAddress, buffer.count, offset) }
    }

    package func append(
        _ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer
    ) throws(SystemError) -> Int {
        try retrying { Glibc.write(file.rawValue, bytes.baseAddress, bytes.count) }
    }

    package func write(
        _ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        try retrying { pwrite(file.rawValue, bytes.baseAddress, bytes.count, offset) }
    }

    package func truncate(_ file: FileDescriptor, to size: Int) throws(SystemError) {
        _ = try retrying { Int(ftruncate(file.rawValue, size)) }
    }

    package func synchronizeData(_ file: FileDescriptor) throws(SystemError) {
        // Not retried, not even on EINTR: after a failed sync nothing is believed (S7).
        guard fdatasync(file.rawValue) == 0 else { throw SystemError(code: errno) }
    }

    package func synchronize(_ file: FileDescriptor) throws(SystemError) {
        guard fsync(file.rawValue) == 0 else { throw SystemError(code: errno) }
    }

    package func synchronizeDirectory(_ path: String) throws(SystemError) {
        let descriptor = try retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { _ = Glibc.close(Int32(descriptor)) }
        guard fsync(Int32(descriptor)) == 0 else { throw SystemError(code: errno) }
    }

    package func rename(_ path: String, to newPath: String) throws(SystemError) {
        _ = try retrying { Int(Glibc.rename(path, newPath)) }
    }

    package func link(_ path: String, to newPath: String) throws(SystemError) {
        _ = try retrying { Int(Glibc.link(path, newPath)) }
    }

    package func unlink(_ path: String) throws(SystemError) {
        _ = try retrying { Int(Glibc.unlink(path)) }
    }

    package func makeDirectory(_ path: String) throws(SystemError) {
        _ = try retrying { Int(mkdir(path, 0o700)) }
    }

    package func entries(_ path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else { throw SystemError(code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw SystemError(code: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func status(_ file: FileDescriptor) throws(SystemError) -> FileStatus {
        var raw = stat()
        guard fstat(file.rawValue, &raw) == 0 else { throw SystemError(code: errno) }
        return FileStatus(raw)
    }

    package func status(of path: String) throws(SystemError) -> FileStatus {
        var raw = stat()
        guard stat(path, &raw) == 0 else { throw SystemError(code: errno) }
        return FileStatus(raw)
    }

    package func lock(
        _ file: FileDescriptor, _ kind: LockKind, waiting milliseconds: Int
    ) throws(SystemError) -> Bool {
        let operation = (kind == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB
        let deadline = monotonicMilliseconds + milliseconds
        // Short naps first: a commit holds the lock for about a third of a millisecond.
        var nap: UInt32 = 50
        while true {
            if flock(file.rawValue, operation) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError(code: errno) }
            guard monotonicMilliseconds < deadline else { return false }
            usleep(nap)
            nap = min(nap * 2, 1_000)
        }
    }

    package func unlock(_ file: FileDescriptor) {
        _ = flock(file.rawValue, LOCK_UN)
    }

    package func changeMode(_ path: String, to mode: UInt32) throws(SystemError) {
        _ = try retrying { Int(chmod(path, mode)) }
    }

    package func freeBytes(at path: String) throws(SystemError) -> Int {
        var raw = statvfs()
        guard statvfs(path, &raw) == 0 else { throw SystemError(code: errno) }
        return Int(clamping: raw.f_bavail) * Int(clamping: raw.f_frsize)
    }

    package func isNetworkFileSystem(_ path: String) throws(SystemError) -> Bool {
        let type = shopctl_filesystem_type(path)
        guard type != -1 else { throw SystemError(code: errno) }
        // statfs(2): NFS, SMB, SMB2, CIFS, AFS, Coda, 9P, Ceph, FUSE (sshfs and the like).
        let remote: [UInt32] = [
            0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42, 0x5346_414F, 0x7375_7245, 0x0102_1997,
            0x00C3_6400, 0x6573_5546,
        ]
        return remote.contains(UInt32(truncatingIfNeeded: type))
    }

    package var monotonicMilliseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }

    private func retrying(_ call: () -> Int) throws(SystemError) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw SystemError(code: errno) }
        }
    }

    private func retrying(_ call: () -> Int32) throws(SystemError) -> Int {
        try retrying { Int(call()) }
    }

    private static func readBootID() -> String {
        let descriptor = Glibc.open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "unknown" }
        defer { _ = Glibc.close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return "unknown" }
            let text = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }
            return String(decoding: text, as: UTF8.self)
        }
    }
}

extension FileStatus {
    fileprivate init(_ raw: stat) {
        self.init(
            size: Int(raw.st_size), inode: UInt64(raw.st_ino), links: Int(raw.st_nlink),
            mode: UInt32(raw.st_mode) & 0o7777,
            isDirectory: raw.st_mode & S_IFMT == S_IFDIR, owner: raw.st_uid)
    }
}
