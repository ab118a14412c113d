import CCrypto

/// Reads when certificates (X.509) expire.
public enum CertificateExpiry {
  /// Seconds since 1970 until which a certificate in DER is valid; nil if the bytes are no certificate.
  public static func seconds(ofDER bytes: [UInt8]) -> Int64? {
    known(unsafe bytes.withUnsafeBytes { unsafe haplo_certificate_expiry_der($0.baseAddress, $0.count) })
  }

  /// Expiry of the first certificate of a text in PEM.
  public static func seconds(ofPEM bytes: [UInt8]) -> Int64? {
    known(unsafe bytes.withUnsafeBytes { unsafe haplo_certificate_expiry_pem($0.baseAddress, $0.count) })
  }

  private static func known(_ seconds: Int64) -> Int64? { seconds < 0 ? nil : seconds }
}
