import Glibc
import Primitives
import ShopCore

/// A shop that is there for one dry run, in the place of one that the command would make first:
/// so that it ends as the command would, and leaves nothing behind.
struct ScratchShop {
    /// Of the same name as the one there would be.
    let path: String
    private let parent: String

    /// - Throws: `no-place-to-try` (73).
    init(
        insteadOf directory: DataDirectory, _ currency: Currency, _ zone: TimeZoneName,
        _ environment: Environment
    ) throws(ShopError) {
        let place = environment.nonEmpty("TMPDIR") ?? "/tmp"
        var template = Array("\(place)/shopctl-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .noPlaceToTry(place, errno) }
        parent = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = parent + "/" + (directory.path.split(separator: "/").last ?? "shop")
        do throws(ShopError) {
            try DataDirectory(path).create(
                currency: currency, timeZone: zone, clock: environment.clock,
                random: environment.random)
        } catch {
            remove()
            throw error
        }
    }

    func remove() { Self.remove(parent) }

    /// A file, or a directory with all in it; a shop has no links.
    private static func remove(_ path: String) {
        guard let directory = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove(path + "/" + name) }
        }
        closedir(directory)
        rmdir(path)
    }
}

extension ShopError {
    fileprivate static func noPlaceToTry(_ place: String, _ code: Int32) -> ShopError {
        ShopError(
            .cantCreate, "no-place-to-try",
            "no shop to try this in can be made in \(place): \(String(cString: strerror(code)))",
            try: ["TMPDIR=DIR shopctl …", "shopctl init"])
    }
}
