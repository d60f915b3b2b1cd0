package import Formats
package import Payments
package import Primitives

/// A bank that is played: tokens say what becomes of a request, and a ledger what became of it.
///
/// - `tok_ok`: all goes well.
/// - `tok_decline_CODE`: declined with one of Stripe's codes.
/// - `tok_action`: the customer has to agree, and does; with `tok_action_refused` does not.
/// - `tok_lost_before`, `tok_lost_after`: the first answer is lost, before or after the money
///   moved. `tok_lost_after_refund` and the like lose that of a later step only.
/// - `tok_over`: a cent more is taken than was asked for.
/// - `tok_unreachable`: the first request does not arrive.
package struct SandboxBank: Sendable {
    /// What became of the requests of one key.
    package struct Line: Sendable, Equatable {
        package var key: String
        package var kind: PaymentIntent.Kind
        package var amount: Money
        package var token: String
        package var handle: String
        /// How often it was asked.
        package var times: Int64 = 0
        /// Whether it was carried out: the money moved, or was refused.
        package var isDone = false
        package var code: String?

        /// Whether money moved.
        package var hasMoved: Bool { isDone && code == nil }
    }

    /// The last line of each key counts.
    package private(set) var lines: [Line] = []

    package init() {}

    package mutating func add(_ line: Line) { lines.append(line) }

    package func line(of key: String) -> Line? { lines.last { $0.key == key } }

    /// What moved, as one line for each key.
    package var moved: [Line] {
        var seen: Set<String> = []
        return lines.reversed().filter { seen.insert($0.key).inserted && $0.hasMoved }.reversed()
    }

    /// Does what is asked, once for each key, and says so, unless the token loses that.
    ///
    /// - Returns: the answer, and the line that was added.
    package mutating func answer(
        _ request: ProviderRequest
    ) -> (outcome: ProviderOutcome, line: Line) {
        let intent = request.intent
        var line =
            self.line(of: intent.key)
            ?? Line(
                key: intent.key, kind: intent.kind, amount: intent.amount,
                token: token(of: request), handle: request.handle ?? "sbx_\(lines.count + 1)")
        line.times += 1
        let outcome = act(request, on: &line)
        lines.append(line)
        return (outcome, line)
    }

    /// A later step has the token of the first.
    private func token(of request: ProviderRequest) -> String {
        request.intent.token ?? lines.first { $0.handle == request.handle }?.token ?? "tok_ok"
    }

    private func act(_ request: ProviderRequest, on line: inout Line) -> ProviderOutcome {
        let isFirstStep = line.kind == .authorize || line.kind == .charge
        // `tok_lost_after` is about the first step, `tok_lost_after_refund` about that one.
        func has(_ word: String) -> Bool {
            line.token == "tok_\(word)_\(line.kind)" || isFirstStep && line.token == "tok_\(word)"
        }
        if has("unreachable"), line.times == 1 {
            return .unreached(code: "unreachable", message: "there is no way to the sandbox")
        }
        if has("lost_before"), line.times == 1 { return .unknown("the request was lost") }
        if isFirstStep, line.token.hasPrefix("tok_action"), !request.isConfirmation, !line.isDone {
            return .actionRequired(
                handle: line.handle, url: "https://sandbox.example/agree/\(line.handle)")
        }
        if !line.isDone {
            line.isDone = true
            line.code = refusal(isFirstStep, line)
            if has("over") {
                line.amount = Money(
                    minorUnits: line.amount.minorUnits + 1, line.amount.currency)
            }
        }
        if has("lost_after"), line.times == 1 { return .unknown("the answer was lost") }
        if let code = line.code {
            return .declined(code: code, message: "the sandbox declines this token")
        }
        return .succeeded(handle: line.handle, amount: line.amount)
    }

    private func refusal(_ isFirstStep: Bool, _ line: Line) -> String? {
        if isFirstStep, line.token == "tok_action_refused" { return "authentication_required" }
        if isFirstStep, line.token.hasPrefix("tok_decline_") {
            let code = String(line.token.dropFirst("tok_decline_".count))
            return DeclineCode.all.contains(code) ? code : "generic_decline"
        }
        let isKnown =
            ["tok_ok", "tok_action", "tok_over"].contains(line.token)
            || line.token.hasPrefix("tok_lost_") || line.token.hasPrefix("tok_unreachable")
        return isKnown || !isFirstStep ? nil : "invalid_account"
    }
}

extension SandboxBank.Line: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var names = (key: "", token: "", handle: "")
        var kind = PaymentIntent.Kind.charge
        var units: Int64 = 0
        var currency: Currency?
        var times: Int64 = 0
        var isDone = false
        var code: String?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": names.key = try reader.string()
            case "kind": kind = try reader.word()
            case "amount": units = try reader.amount()
            case "currency": currency = try reader.currency(try reader.string(), start)
            case "token": names.token = try reader.string()
            case "handle": names.handle = try reader.string()
            case "times": times = try reader.unitCount()
            case "done": isDone = try reader.bool()
            case "code": code = try reader.string()
            default: try reader.skip()
            }
        }
        guard let currency else { throw JSONError(offset: start, reason: "no currency") }
        self.init(
            key: names.key, kind: kind, amount: Money(minorUnits: units, currency),
            token: names.token, handle: names.handle, times: times, isDone: isDone, code: code)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("key", key)
        writer.member("kind", kind.rawValue)
        writer.member("amount", amount.minorUnits)
        writer.member("currency", amount.currency.code)
        writer.member("token", token)
        writer.member("handle", handle)
        writer.member("times", times)
        writer.member("done", isDone)
        writer.member("code", code)
        writer.endObject()
    }
}
