import CCrypto

/// Computes a SHA-256 as bytes come (OpenSSL's EVP).
final class Digest {
  private let context: OpaquePointer

  init() {
    context = EVP_MD_CTX_new()!
    precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "libcrypto has no SHA-256")
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Ends the computation: 64 lower-case digits.
  func finish() -> String {
    var sum = [UInt8](repeating: 0, count: 32)
    _ = EVP_DigestFinal_ex(context, &sum, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
