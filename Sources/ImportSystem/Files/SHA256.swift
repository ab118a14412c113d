import CCrypto

/// Computes a SHA-256 digest piece by piece (OpenSSL's EVP, which uses the processor's own instructions).
/// One digest a value: `finish` consumes it.
@safe public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Begins with no bytes. Traps only when there is no memory for some hundred bytes.
  public init() {
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("no memory for a SHA-256 state") }
    unsafe self.context = unsafe context
    let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(started == 1, "this machine's OpenSSL has no SHA-256")
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Appends bytes to what is hashed.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let updated = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(updated == 1, "SHA-256 failed over \(bytes.count) bytes")
  }

  /// Ends the computation and returns the 32 bytes of the digest.
  public consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let finished = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(finished == 1, "SHA-256 could not be finished")
    return digest
  }

  /// Computes the digest of bytes that are in memory already.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.finish()
  }
}
