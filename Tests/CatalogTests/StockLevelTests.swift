import Catalog
import Formats
import Primitives
import TestSupport
import Testing

@Suite struct StockLevelTests {
    typealias Cause = StockMovement.Cause

    let cause = Cause(
        at: Timestamp(millisecondsSinceEpoch: 1_795_459_867_123), by: "ana@x.example",
        order: OrderNumber(1001))

    /// So many on hand, and of those so many reserved.
    func level(_ onHand: Int64, reserved: Int64 = 0) throws -> StockLevel {
        var level = StockLevel(try SKU(parsing: "MUG-1"))
        if onHand > 0 { _ = try level.receive(Quantity(onHand), cause) }
        if reserved > 0 { _ = try level.reserve(Quantity(reserved), cause) }
        return level
    }

    func refusal(_ body: () throws -> Void) -> ShopError? {
        do { try body() } catch { return error as? ShopError }
        return nil
    }

    @Test func reservingMoreThanIsAvailableIsRefusedWithTheNumbers() throws {
        var level = try level(4, reserved: 1)
        let error = refusal { _ = try level.reserve(Quantity(5), cause) }
        #expect(error?.code == "insufficient-stock" && error?.kind == .refused)
        #expect(
            error?.message
                == "not enough stock for MUG-1: 5 wanted, 3 available (4 on hand, 1 reserved)")
        #expect(error?.location == "--item MUG-1=5")
        #expect(error?.suggestions == ["shopctl stock receive MUG-1 --quantity 2"])
        #expect(level.reserved == 1 && level.movements == 2)
    }

    @Test("a count takes the place of what is on hand, and is a movement even where it agrees")
    func counting() throws {
        var level = try level(5, reserved: 2)
        #expect(try level.count(5, cause).onHand == 0 && level.movements == 3)
        let movement = try level.count(3, cause)
        #expect(movement.kind == .count && movement.onHand == -2 && level.available == 1)
        let error = refusal { _ = try level.count(1, cause) }
        #expect(error?.code == "stock-below-reserved" && error?.location == "MUG-1")
        #expect(level.onHand == 3 && level.movements == 4)
    }

    @Test("what is promised is not written off; what just came back may be")
    func writingOff() throws {
        var level = try level(3, reserved: 2)
        let error = refusal { _ = try level.writeOff(Quantity(2), cause) }
        #expect(error?.code == "stock-below-reserved" && error?.location == "--quantity 2")
        #expect(try level.writeOff(Quantity(1), cause).kind == .writeOff)
        #expect(try level.takeBack(Quantity(1), cause).kind == .return)
        _ = try level.writeOff(Quantity(1), isReturned: true, cause)
        #expect(level.onHand == 2 && level.reserved == 2)
        #expect(try level.expire(Quantity(2), cause).kind == .expire && level.reserved == 0)
        #expect(refusal { _ = try level.expire(Quantity(1), cause) }?.code == "reservation-missing")
    }

    @Test(
        "where backorders are allowed, more than there is can be promised, and not leave"
    )
    func backorders() throws {
        var level = try level(2)
        _ = try level.reserve(Quantity(5), allowsBackorders: true, cause)
        #expect(level.available == -3 && level.backordered == 3)
        let error = refusal { _ = try level.consume(Quantity(3), cause) }
        #expect(error?.code == "on-backorder" && error?.kind == .refused)
        #expect(error?.message == "3 of MUG-1 cannot leave: only 2 on hand")
        #expect(
            error?.suggestions == [
                "shopctl stock receive MUG-1 --quantity 3",
                "shopctl order ship ORD-1001 --item MUG-1=2",
            ])
        _ = try level.consume(Quantity(2), cause)
        _ = try level.receive(Quantity(3), cause)
        #expect(level.available == 0 && level.backordered == 0)
        // What is not there cannot be lost, promised or not.
        let lost = refusal { _ = try level.writeOff(Quantity(4), allowsBackorders: true, cause) }
        #expect(lost?.code == "stock-below-zero" && lost?.location == "--quantity 4")
        _ = try level.adjust(by: -3, allowsBackorders: true, cause)
        let gone = refusal { _ = try level.adjust(by: -1, allowsBackorders: true, cause) }
        #expect(gone?.code == "stock-below-zero" && level.backordered == 3)
        #expect(try level.count(1, allowsBackorders: true, cause).onHand == 1)
        let many = refusal {
            _ = try level.reserve(Quantity(Quantity.most), allowsBackorders: true, cause)
        }
        #expect(many?.code == "too-many-units" && level.reserved == 3)
    }

    @Test func reservingShippingAndReturningMovesTheRightFigures() throws {
        var level = try level(10)
        let reserved = try level.reserve(Quantity(4), cause)
        #expect(reserved.onHand == 0 && reserved.reserved == 4 && level.available == 6)
        let released = try level.release(Quantity(1), cause)
        #expect(released.onHand == 0 && released.reserved == -1)
        let consumed = try level.consume(Quantity(3), cause)
        #expect(consumed.onHand == -3 && consumed.reserved == -3 && consumed.cause == cause)
        let restocked = try level.restock(Quantity(1), cause)
        #expect(restocked.number == 5 && restocked.onHandAfter == 8)
        #expect(level.onHand == 8 && level.reserved == 0 && level.movements == 5)
    }

    @Test func anAdjustmentLeavesWhatIsPromised() throws {
        var level = try level(5, reserved: 3)
        let error = refusal { _ = try level.adjust(by: -3, cause) }
        #expect(error?.code == "stock-below-reserved" && error?.kind == .refused)
        for difference in [Int64.min, Int64.max] {
            let error = refusal { _ = try level.adjust(by: difference, cause) }
            #expect(error?.code == "too-many-units" && error?.kind == .refused)
        }
        _ = try level.adjust(by: -2, cause)
        #expect(level.onHand == 3 && level.available == 0)
    }

    @Test func givingBackOrShippingWhatIsNotReservedIsRefused() throws {
        var level = try level(5, reserved: 1)
        for consuming in [true, false] {
            let error = refusal {
                _ =
                    consuming
                    ? try level.consume(Quantity(2), cause)
                    : try level.release(Quantity(2), cause)
            }
            #expect(error?.code == "reservation-missing" && error?.kind == .data)
        }
        #expect(level.reserved == 1 && level.onHand == 5)
    }

    @Test func moreThanCanBeKeptIsRefused() throws {
        var level = try level(Quantity.most)
        let error = refusal { _ = try level.receive(Quantity(1), cause) }
        #expect(error?.code == "too-many-units")
        #expect(level.onHand == Quantity.most && level.movements == 1)
    }

    @Test(
        "on hand is the sum of the movements and reserved never falls below zero",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func invariants(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var level = try level(0)
        var onHand: Int64 = 0
        var reserved: Int64 = 0
        var refusals = 0
        for _ in 0..<2_000 {
            let before = level
            do {
                let movement = try step(&level, &random)
                onHand += movement.onHand
                reserved += movement.reserved
                #expect(movement.number == before.movements + 1, "\(random)")
                #expect(movement.onHandAfter == level.onHand, "\(random)")
                #expect(movement.reservedAfter == level.reserved, "\(random)")
                #expect(try StockMovement(json: movement.json) == movement, "\(random)")
            } catch {
                refusals += 1
                #expect(level == before, "a refusal changes nothing, \(random)")
            }
            #expect(level.onHand == onHand && level.reserved == reserved, "\(random)")
            #expect(level.reserved >= 0 && level.available >= 0, "\(random)")
        }
        #expect(refusals > 10 && refusals < 1_900, "\(random)")
    }

    func step(_ level: inout StockLevel, _ random: inout SeededRandom) throws -> StockMovement {
        let quantity = try Quantity(random.number(1...9))
        switch random.number(0...5) {
        case 0: return try level.receive(quantity, cause)
        case 1: return try level.adjust(by: random.number(-9...9), cause)
        case 2: return try level.reserve(quantity, cause)
        case 3: return try level.release(quantity, cause)
        case 4: return try level.consume(quantity, cause)
        default: return try level.restock(quantity, cause)
        }
    }

    @Test func aLevelAndItsMovementReadBackAndKeepMembersOfNewerVersions() throws {
        let stored = #"{"sku":"MUG-1","onHand":12,"reserved":2,"movements":7,"bin":["A",1]}"#
        let keyed = #"{"key":"stock/mug-1","# + stored.dropFirst()
        let level = try StockLevel(json: Array(keyed.utf8))
        #expect(String(decoding: level.json, as: UTF8.self) == stored)
        #expect(level.available == 10)
        let split =
            #"{"sku":"MUG-1","onHand":12,"reserved":5,"movements":7,"locations":["#
            + #"{"location":"back","onHand":3,"reserved":1},"#
            + #"{"location":"van","onHand":0,"reserved":2}]}"#
        let places = try StockLevel(json: Array(split.utf8))
        #expect(String(decoding: places.json, as: UTF8.self) == split)
        #expect(places.allFigures.map(\.onHand) == [9, 3, 0])
        // Backorders are of the place where units are missing.
        #expect(places.backordered == 2 && places.available == 7)
        let moved =
            #"{"sku":"MUG-1","number":7,"kind":"transfer","onHand":-5,"reserved":0,"#
            + #""onHandAfter":12,"reservedAfter":2,"location":"back","#
            + #""at":"2026-11-23T18:31:07.123Z","by":"ana@x.example"}"#
        let transfer = try StockMovement(json: Array(moved.utf8))
        #expect(String(decoding: transfer.json, as: UTF8.self) == moved)
        let movement =
            #"{"sku":"MUG-1","number":7,"kind":"adjust","onHand":-5,"reserved":0,"onHandAfter":12,"#
            + #""reservedAfter":2,"reason":"damaged","order":1001,"note":"wet","#
            + #""at":"2026-11-23T18:31:07.123Z","by":"ana@x.example","shelf":{"a":1}}"#
        let read = try StockMovement(json: Array(movement.utf8))
        #expect(String(decoding: read.json, as: UTF8.self) == movement)
    }

    @Test(
        "a malformed level is refused",
        arguments: [
            #"{"onHand":1,"reserved":0,"movements":0}"#,
            #"{"sku":"A","onHand":9223372036854775807,"reserved":-1,"movements":0}"#,
            #"{"sku":"A","onHand":1.5,"reserved":0,"movements":0}"#, "[]", "{}",
        ])
    func malformed(json: String) {
        #expect(throws: JSONError.self) { try StockLevel(json: Array(json.utf8)) }
    }
}
