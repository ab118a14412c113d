public import ImportCore
public import ImportSystem
import Synchronization

/// Remembers when the certificate expires that the server showed last.
public final class SeenCertificate: Sendable {
  private let seconds = Mutex<Int64?>(nil)

  /// Begins before the first connection.
  public init() {}

  /// The end of its validity; nil before the first connection.
  public var expiry: Timestamp? { seconds.withLock { $0 }.map { Timestamp(secondsSince1970: $0) } }

  /// Takes seconds since 1970.
  public func see(_ end: Int64) { seconds.withLock { $0 = end } }
}

extension Timestamp {
  fileprivate init(secondsSince1970 seconds: Int64) {
    let (microseconds, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
    self.init(microseconds: isTooLarge ? .max : microseconds)
  }
}

extension Configuration {
  /// When the certificate of `ClientCertificateFile=` expires; nil without one, or if it cannot be read. Blocks.
  public func clientCertificateExpiry(_ fileSystem: FileSystem = FileSystem()) -> Timestamp? {
    guard let path = server.clientCertificateFile,
      let bytes = try? fileSystem.openFile(path, for: "configuration").readAll(atMost: 1 << 20)
    else { return nil }
    return CertificateExpiry.seconds(ofPEM: bytes).map { Timestamp(secondsSince1970: $0) }
  }
}
