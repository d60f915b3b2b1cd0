import Glibc
import Primitives

/// A file that a command reads, or standard input where its name is `-`, in chunks.
final class InputFile {
    /// As it was given; `standard input` for `-`.
    let name: String
    /// -1 for standard input, which the console reads.
    private let descriptor: Int32
    private let console: (any Console)?

    /// A file.
    ///
    /// - Throws: `input-not-found` or `input-unreadable`, exit 66.
    init(path: String) throws(ShopError) {
        name = path
        console = nil
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotRead(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw .cannotRead(path, EISDIR)
        }
    }

    /// Standard input.
    init(console: any Console) {
        name = "standard input"
        descriptor = -1
        self.console = console
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Fills `buffer` from where the last read ended; 0 at the end.
    ///
    /// - Throws: `input-failed`, exit 74.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ShopError) -> Int {
        if let console {
            let count = console.read(into: buffer)
            guard count >= 0 else { throw .inputFailed(name, Int32(-count)) }
            return count
        }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .inputFailed(name, errno) }
        }
    }

    /// Everything up to the end.
    func contents() throws(ShopError) -> [UInt8] {
        var bytes: [UInt8] = []
        // A small file is read into a small buffer: fresh memory costs more than the reading.
        var size = 4 * 1024
        while true {
            var failure: ShopError?
            let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                do throws(ShopError) {
                    count = try read(into: UnsafeMutableRawBufferPointer(buffer))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            if chunk.isEmpty { return bytes }
            bytes += chunk
            size = min(size * 2, 64 * 1024)
        }
    }

    /// The contents of a file that may be absent: nil then.
    static func contents(ifPresent path: String) throws(ShopError) -> [UInt8]? {
        var status = stat()
        if stat(path, &status) != 0, errno == ENOENT || errno == ENOTDIR { return nil }
        return try InputFile(path: path).contents()
    }
}

extension ShopError {
    static func cannotRead(_ path: String, _ number: Int32) -> ShopError {
        guard number != ENOENT else {
            return ShopError(.noInput, "input-not-found", "there is no file \(path)")
        }
        return ShopError(
            .noInput, "input-unreadable", "cannot read \(path): \(SystemError.text(number))")
    }

    static func inputFailed(_ name: String, _ number: Int32) -> ShopError {
        ShopError(.io, "input-failed", "reading \(name) failed: \(SystemError.text(number))")
    }
}
