import ImportCore
public import ImportRuntime
import ImportSystem

extension LoadedConfiguration {
  /// Makes a client that reaches the configured server by HTTP, and waits for answers as long as configured unless
  /// `replyTimeout` says otherwise. Throws ``ConfigurationFailure`` when a file that TLS needs cannot be read, and
  /// ``SystemError`` when no thread can be had.
  public func makeTransport(replyTimeout: Duration? = nil) throws -> any Transport {
    try ReferencedFiles.checkForTLS(configuration)
    let server = configuration.server
    let certificate = SeenCertificate()
    var options = TransferOptions(
      credentials: .init(user: "haplo", password: key.secret), caFile: server.caFile,
      clientCertificateFile: server.clientCertificateFile, clientKeyFile: server.clientKeyFile,
      proxy: server.proxy,
      connectTimeout: server.connectTimeout, stallTimeout: server.stallTimeout,
      replyTimeout: replyTimeout ?? server.replyTimeout,
      maxConnections: server.maxConnections, bandwidthLimit: server.bandwidthLimit,
      userAgent: "haplo-importd/\(Version.text)")
    options.onCertificate = { certificate.see($0) }
    return HaploClient(url: server.url, engine: try TransferEngine(options), certificate: certificate)
  }
}
