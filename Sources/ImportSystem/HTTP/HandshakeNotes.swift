import CCrypto

/// What a TLS handshake showed, for naming the cause of its failure. libcurl hands over each message as it was received
/// (RFC 8446, 4 and 6), and its own words for a failure leave this out.
struct HandshakeNotes {
  /// True if the server asked for a certificate of the client.
  private(set) var wantsCertificate = false
  /// How many certificates the server sent; nil if none were seen.
  private(set) var certificates: Int?
  /// The server's own certificate, in DER.
  private(set) var certificate: [UInt8]?
  /// The last alert of the server.
  private(set) var alert: UInt8?

  /// Takes one message of the server. Record headers come this way too, and match no case.
  mutating func receive(_ message: some Collection<UInt8>) {
    let bytes = Array(message.prefix(Self.longest))
    if bytes.count == 2, (1...2).contains(bytes[0]) { alert = bytes[1] }
    guard bytes.count >= 4, bytes.count == 4 + Self.number(bytes[1..<4]) else { return }
    switch bytes[0] {
    case 13: wantsCertificate = true
    case 11:
      let list = Self.list(bytes.dropFirst(4))
      (certificates, certificate) = (list?.count, list?.first)
    default: break
    }
  }

  /// The alert in OpenSSL's words; nil if there was none, or one that says nothing about the client's certificate.
  var refusal: String? {
    switch alert {
    case 40: "handshake failure"
    case 42: "bad certificate"
    case 43: "unsupported certificate"
    case 44: "certificate revoked"
    case 45: "certificate expired"
    case 46: "certificate unknown"
    case 48: "unknown CA"
    case 49: "access denied"
    case 116: "certificate required"
    default: nil
    }
  }

  /// A list of certificates, with extensions after each in TLS 1.3, and without in TLS 1.2. In 1.3 a length of one byte
  /// (zero, from a server) comes first.
  private static func list(_ list: ArraySlice<UInt8>) -> [[UInt8]]? {
    let isNew = list.count >= 4 && list.first == 0 && number(list.dropFirst().prefix(3)) == list.count - 4
    var rest = list.dropFirst(isNew ? 4 : 3)
    var certificates: [[UInt8]] = []
    while rest.count >= 3 {
      let size = number(rest.prefix(3))
      certificates.append(Array(rest.dropFirst(3).prefix(size)))
      rest = rest.dropFirst(3 + size)
      if isNew, rest.count >= 2 { rest = rest.dropFirst(2 + number(rest.prefix(2))) }
    }
    return rest.isEmpty ? certificates : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  /// No message that is looked into is longer.
  private static let longest = 256 * 1024
}

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
