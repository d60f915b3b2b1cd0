package import Primitives

// The stored form of the values that all nouns share, said once for all of them.

extension JSONReader {
    /// A time as RFC 3339.
    package mutating func timestamp() throws(JSONError) -> Timestamp {
        let start = offset
        guard let time = try plainString(Timestamp.init(rfc3339:)) else {
            throw JSONError(offset: start, reason: "expected a time as in 2026-11-23T18:31:07.123Z")
        }
        return time
    }

    /// Minor units of a record: at most half of what 64 bits hold, so that the difference of two
    /// stored amounts always fits.
    package mutating func amount() throws(JSONError) -> Int64 {
        let start = offset
        let units = try int64()
        guard units.magnitude <= Money.mostStored.magnitude else {
            throw JSONError(offset: start, reason: "an amount beyond what can be kept")
        }
        return units
    }

    /// A count of units or records, from 0 up.
    package mutating func unitCount() throws(JSONError) -> Int64 {
        let start = offset
        let count = try int64()
        guard (0...Quantity.most).contains(count) else {
            throw JSONError(offset: start, reason: "expected a count from 0 to \(Quantity.most)")
        }
        return count
    }

    /// The amount of `units` in the currency that the record names; nil where there are none.
    ///
    /// - Parameter start: where the record begins, for the error.
    package func money(
        _ units: Int64?, _ currency: String, _ start: Int
    ) throws(JSONError) -> Money? {
        guard let units else { return nil }
        return Money(minorUnits: units, try self.currency(currency, start))
    }

    package func currency(_ code: String, _ start: Int) throws(JSONError) -> Currency {
        guard let currency = Currency.named(code) else {
            throw JSONError(offset: start, reason: "\"\(code)\" is no currency")
        }
        return currency
    }
}

extension JSONWriter {
    /// A time as RFC 3339.
    package mutating func time(_ time: Timestamp) {
        guard time.hasPlainText else { return string(time.rfc3339) }
        if time != lastTime {
            withUnsafeMutableBytes(of: &lastTimeText) { time.writePlain(to: $0) }
            lastTime = time
        }
        withUnsafeBytes(of: lastTimeText) { text in
            string(plainCount: text.count) { $0.copyMemory(from: text) }
        }
    }

    package mutating func member(_ name: StaticString, _ value: Timestamp) {
        self.name(name)
        time(value)
    }

    /// Leaves the member out where there is no value.
    package mutating func member(_ name: StaticString, _ value: Timestamp?) {
        if let value { member(name, value) }
    }
}
