import Foundation
import Glibc
import Testing

@testable import shopctl

@Suite struct TerminalConsoleTests {
    @Test("more than a pipe holds is written whole while somebody reads")
    func writesEverything() throws {
        let pipe = Pipe()
        let bytes = [UInt8](repeating: 7, count: 1_000_000)
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let writer = Thread {
            bytes.withUnsafeBytes { _ = TerminalConsole.writeAll($0, to: descriptor) }
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        #expect(try pipe.fileHandleForReading.readToEnd()?.count == bytes.count)
    }

    @Test("a device that is full is told by its errno")
    func fullDevice() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let outcome = [UInt8](repeating: 1, count: 10).withUnsafeBytes {
            TerminalConsole.writeAll($0, to: descriptor)
        }
        #expect(outcome == .failed(errno: ENOSPC))
    }

    @Test("COLUMNS wins over the terminal, and only a positive number counts")
    func width() {
        #expect(TerminalConsole(columns: "132").width == 132)
        #expect(TerminalConsole(columns: "wide").width > 0)
        #expect(TerminalConsole(columns: "-5").width > 0)
    }
}
