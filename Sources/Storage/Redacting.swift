package import Primitives

/// What is to be taken out of stored bytes.
package protocol Redacting {
    /// Whether bytes say anything of what is to go; of a journal line, `tx` is its transaction, of
    /// everything else nil.
    func concerns(_ bytes: UnsafeRawBufferPointer, tx: Int?) -> Bool

    /// A journal line without it.
    ///
    /// - Parameter line: one JSON object, without the members `prev` and `crc`.
    func redacted(_ line: [UInt8], tx: Int) throws(ShopError) -> [UInt8]
}
