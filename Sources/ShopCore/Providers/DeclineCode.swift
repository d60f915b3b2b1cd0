import Payments
import Primitives

/// The codes that Stripe gives for declined cards, and what a shop can do about each; other
/// gateways use many of the same words.
package enum DeclineCode {
    /// Try the same card again: the network or the bank was not ready.
    static let passing: Set<String> = [
        "approve_with_id", "issuer_not_available", "processing_error", "reenter_transaction",
        "try_again_later",
    ]
    /// The customer has to do something, and may then use the same card.
    static let byCustomer: Set<String> = [
        "authentication_required", "expired_card", "incorrect_address", "incorrect_cvc",
        "incorrect_number", "incorrect_pin", "incorrect_zip", "insufficient_funds", "invalid_cvc",
        "invalid_expiry_month", "invalid_expiry_year", "invalid_number", "invalid_pin",
        "mobile_device_authentication_required", "offline_pin_required",
        "online_or_offline_pin_required", "pin_try_exceeded",
    ]
    /// The bank says no, or not why; another card, or a word with the bank.
    static let byBank: Set<String> = [
        "authentication_not_handled", "call_issuer", "card_not_supported",
        "card_velocity_exceeded", "currency_not_supported", "do_not_honor", "do_not_try_again",
        "duplicate_transaction", "generic_decline", "invalid_account", "invalid_amount",
        "new_account_information_available", "no_action_taken", "not_permitted",
        "revocation_of_all_authorizations", "revocation_of_authorization", "security_violation",
        "service_not_allowed", "stop_payment_order", "testmode_decline",
        "transaction_not_allowed", "withdrawal_count_limit_exceeded",
    ]
    /// Nobody tells the customer why: the card may not be theirs.
    static let suspect: Set<String> = [
        "fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "restricted_card",
        "stolen_card",
    ]

    package static let all = passing.union(byCustomer).union(byBank).union(suspect)

    static func advice(_ code: String, _ payment: Payment) -> [String] {
        if passing.contains(code) { return ["the same card again in a while"] }
        if byCustomer.contains(code) {
            return ["ask the customer to check the card", "another card"]
        }
        if suspect.contains(code) { return ["another card, without saying why"] }
        return ["another card"]
    }
}
