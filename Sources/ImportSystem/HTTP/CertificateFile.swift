import CCrypto

/// Judges PEM files for TLS as OpenSSL will read them for a connection, before one is made.
public enum CertificateFile {
  /// The match of a client's certificate and its private key.
  public enum Pair: Sendable, Hashable, CaseIterable {
    case matching
    case noCertificate
    case noKey
    case different
  }

  /// True if a file with these bytes can be the certificates to trust.
  public static func hasCertificates(_ bytes: [UInt8]) -> Bool {
    unsafe bytes.withUnsafeBytes { unsafe haplo_count_trusted($0.baseAddress, $0.count) > 0 }
  }

  /// Compares the first certificate of a file with the private key of another one, or of the same.
  public static func pair(certificate: [UInt8], key: [UInt8]) -> Pair {
    let result = unsafe certificate.withUnsafeBytes { certificate in
      unsafe key.withUnsafeBytes { key in
        unsafe haplo_compare_key(certificate.baseAddress, certificate.count, key.baseAddress, key.count)
      }
    }
    return switch result {
    case 1: .matching
    case -1: .noCertificate
    case -2: .noKey
    default: .different
    }
  }
}
