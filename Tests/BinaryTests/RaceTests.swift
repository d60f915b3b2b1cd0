import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Binary.isBuilt), .serialized) struct RaceTests {
    @Test("eight processes that race for the last unit sell it once")
    func lastUnit() throws {
        let shop = try Binary()
        try shop.run("product", "add", "MUG-1", "--name", "Mug", "--price", "5", "--stock", "1")
        for round in 1...5 {
            let racers = (0..<8).map { number in
                shop.process([
                    "order", "create", "--customer", "c\(number)@x.example", "--item", "MUG-1=1",
                ])
            }
            for (process, _, _) in racers { try process.run() }
            var codes: [Int32] = []
            for (process, _, _) in racers {
                process.waitUntilExit()
                codes.append(process.terminationStatus)
            }
            #expect(codes.sorted() == [0, 6, 6, 6, 6, 6, 6, 6], "round \(round)")
            let stock = try shop.stock("MUG-1")
            #expect(stock.onHand == round && stock.reserved == round)
            try shop.run("stock", "receive", "MUG-1", "--quantity", "1")
        }
    }

    @Test("eight processes that race for the last use of a coupon use it once")
    func lastUse() throws {
        let shop = try Binary()
        try shop.run("product", "add", "MUG-1", "--name", "Mug", "--price", "5", "--stock", "99")
        try shop.run("coupon", "add", "ONCE", "--percent", "10", "--limit", "1")
        for round in 0..<3 {
            let racers = (0..<8).map { number in
                shop.process([
                    "order", "create", "--customer", "c\(number)@x.example", "--item", "MUG-1=1",
                    "--coupon", "ONCE",
                ])
            }
            for (process, _, _) in racers { try process.run() }
            for (process, _, _) in racers { process.waitUntilExit() }
            let codes = racers.map { $0.0.terminationStatus }
            #expect(codes.sorted() == [0, 6, 6, 6, 6, 6, 6, 6], "round \(round)")
            // The use comes back with the order that had it.
            let order = "ORD-\(1001 + round)"
            #expect(try shop.run("order", "cancel", order, "--yes").code == 0)
        }
        #expect(try shop.run("doctor").code == 0)
    }

    @Test("processes that cancel, ship and expire one order at once leave one truth")
    func oneOrder() throws {
        let shop = try Binary()
        try shop.run("product", "add", "MUG-1", "--name", "Mug", "--price", "5", "--stock", "40")
        var shipped = 0
        for number in 1001...1008 {
            let order = "ORD-\(number)"
            // Only an order that is old expires, and only an imported one is old at once.
            let file = shop.home.file("order-\(number).csv")
            try """
            reference,customer,status,placedAt,sku,quantity,unitPrice
            WEB-\(number),a@x.example,placed,2026-10-01,MUG-1,2,5.00

            """.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try shop.run("import", "orders", "-f", file).code == 0)
            #expect(try shop.stock("MUG-1").reserved == 2)
            let racers = [
                ["order", "cancel", order, "--yes"], ["order", "ship", order],
                ["order", "expire", "--older-than", "1d", "--yes"],
                ["order", "cancel", order, "--yes"],
                ["order", "ship", order, "--item", "MUG-1=2"],
                ["order", "cancel", order, "--item", "MUG-1=1", "--yes"],
            ].map { shop.process($0) }
            // Who is started first often wins: each is once.
            let first = number % racers.count
            for (process, _, _) in racers[first...] + racers[..<first] { try process.run() }
            let texts = racers.map { $0.1.fileHandleForReading.readDataToEndOfFile() }
            for (process, _, _) in racers { process.waitUntilExit() }
            let codes = racers.map { $0.0.terminationStatus }
            let state =
                try shop.run(
                    "order", "show", order, "--fields", "status,fulfillment,units", "--format",
                    "csv", "--no-header"
                ).lines.first ?? ""
            let isCancelled = state.hasPrefix("cancelled,unfulfilled")
            let isExpired = state.hasPrefix("expired,unfulfilled")
            // Cancelling again is no error; shipping again, or what is cancelled, is.
            #expect((codes[0] == 0) == isCancelled && (codes[3] == 0) == isCancelled, "\(codes)")
            // Expiring what others ended is no error either, and names no order.
            let expired = String(decoding: texts[2], as: UTF8.self)
            #expect(codes[2] == 0 && expired.contains(order) == isExpired, "\(expired) \(state)")
            let isShipped = [codes[1], codes[4]].contains(0)
            #expect(isShipped == !(isCancelled || isExpired), "\(codes) \(state)")
            if isShipped { shipped += state.hasSuffix("2") ? 2 : 1 }
            let stock = try shop.stock("MUG-1")
            #expect(stock.onHand == 40 - shipped && stock.reserved == 0, "\(codes) \(state)")
        }
        #expect(try shop.run("doctor").code == 0)
    }

    @Test("kill -9 at any moment of 500 order creations loses no acknowledged order")
    func kills() throws {
        let shop = try Binary()
        var random = SeededRandom(seed: UInt64.random(in: 1...99_999))
        try shop.run(
            "product", "add", "MUG-1", "--name", "Mug", "--price", "5", "--stock", "100000")
        try shop.run(
            "product", "add", "CUP-2", "--name", "Cup", "--price", "3", "--stock", "100000")
        var acknowledged: Set<String> = []
        var killed = 0
        // Longest wait before a kill, in microseconds: found by trying, for kills must hit and
        // orders must get through on fast machines and slow ones, debug builds and release.
        var patience: Int64 = 2_000
        for start in stride(from: 0, to: 500, by: 4) {
            // Four writers at once; each is killed after a moment of its own, or gets through.
            let writers = (start..<start + 4).map { number in
                shop.process([
                    "order", "create", "--customer", "c\(number % 7)@x.example", "--item",
                    "MUG-1=2", "--item", "CUP-2=1",
                ])
            }
            for (process, _, _) in writers { try process.run() }
            let before = killed
            // The last one started is killed first: it is the least far.
            for (process, _, _) in writers.reversed() where random.chance(2, in: 3) {
                usleep(UInt32(random.number(0...patience)))
                kill(process.processIdentifier, SIGKILL)
            }
            for (process, output, _) in writers {
                let text = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                if process.terminationReason == .uncaughtSignal { killed += 1 }
                for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
                    acknowledged.insert(String(line))
                }
            }
            patience = killed - before < 2 ? patience * 3 / 4 + 1 : min(20_000, patience * 5 / 4)
        }
        let stored = try shop.run("order", "list", "--format", "ids").lines
        #expect(acknowledged.isSubset(of: Set(stored)), "\(random)")
        // Numbers are gapless and never given twice, whoever died.
        let numbers = stored.compactMap { Int($0.dropFirst(4)) }
        #expect(numbers == Array((1001..<1001 + numbers.count).reversed()), "\(random)")
        #expect(try shop.stock("MUG-1").reserved == 2 * numbers.count, "\(random)")
        #expect(try shop.stock("CUP-2").reserved == numbers.count, "\(random)")
        let report = try shop.run("report", "sales", "--format", "csv", "--no-header").lines
        let orders = report.compactMap { Int($0.split(separator: ",")[1]) }.reduce(0, +)
        #expect(orders == numbers.count, "\(random)")
        #expect(killed > 50, "the kills must hit: \(killed) of 500, \(random)")
        #expect(acknowledged.count > 50, "\(random)")
    }
}
