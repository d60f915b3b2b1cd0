import Primitives

extension Payment {
    /// Why it is in the state that it is in.
    package var statusReason: String {
        switch status {
        case .unknown:
            return "\(provider) was asked for \(asked) and has not answered"
        case .actionRequired: return "the customer has to agree to \(asked)"
        case .declined, .failed:
            return ["\(provider) said no", refusal?.code].compactMap { $0 }.joined(separator: ": ")
        case .authorized: return "\(capturable) are held, nothing is captured"
        case .voided: return "what was held was given up"
        case .partiallyCaptured: return "\(captured) of \(authorized) are captured"
        case .captured: return "\(captured) are captured, nothing is held"
        case .disputed: return "\(disputed) are claimed back by a bank"
        case .partiallyRefunded: return "\(refunded) of \(captured) were given back"
        case .refunded: return "all of \(captured) was given back"
        }
    }

    private var asked: String { pending.map { "\($0.kind.rawValue) \($0.amount)" } ?? "" }
}
