public import ImportCore
public import ImportSystem

/// What is configured, with the key that goes with it.
public struct LoadedConfiguration: Sendable {
  public var configuration: Configuration
  public var key: APIKey
  /// Where a new key is put; nil: in the file of `APIKeyFile=`.
  public var keyOrigin: CredentialOrigin?

  /// The key that reads the jobs pages; nil: outcomes are not read.
  public var outcomeKey: APIKey?
  /// Why the configured outcome key cannot be used: outcomes are not read, and all else goes on.
  public var outcomeKeyFailure: OutcomeKeyFailure?
  /// Where a new outcome key is put; nil: in the file of `OutcomeKeyFile=`.
  public var outcomeKeyOrigin: CredentialOrigin?

  /// Takes configuration and keys, and where the keys' files were copied from, if systemd did that.
  public init(
    configuration: Configuration, key: APIKey, keyOrigin: CredentialOrigin? = nil, outcomeKey: APIKey? = nil,
    outcomeKeyFailure: OutcomeKeyFailure? = nil, outcomeKeyOrigin: CredentialOrigin? = nil
  ) {
    self.configuration = configuration
    self.key = key
    self.keyOrigin = keyOrigin
    self.outcomeKey = outcomeKey
    self.outcomeKeyFailure = outcomeKeyFailure
    self.outcomeKeyOrigin = outcomeKeyOrigin
  }
}

/// What the service is made with: the three seams at which tests put something of their own, and where its
/// configuration and its log are.
public struct ServiceParts: Sendable {
  /// Reads the configuration and the key, at start and again on reload. What it throws is logged by its description.
  public var load: @Sendable () throws -> LoadedConfiguration
  /// Makes the way to the server that a configuration names.
  public var transport: @Sendable (LoadedConfiguration) throws -> any Transport
  /// Makes the way to the jobs pages that a configuration names; nil without an outcome key.
  public var pages: @Sendable (LoadedConfiguration) throws -> (any PageTransport)?
  /// The door to the disk.
  public var fileSystem: FileSystem
  /// The clocks.
  public var time: any Time
  /// Where lines go.
  public var log: any Log

  /// Takes the parts; by default those of the real world.
  public init(
    load: @escaping @Sendable () throws -> LoadedConfiguration,
    transport: @escaping @Sendable (LoadedConfiguration) throws -> any Transport = { try $0.makeTransport() },
    pages: @escaping @Sendable (LoadedConfiguration) throws -> (any PageTransport)? = { try $0.makePages() },
    fileSystem: FileSystem = FileSystem(), time: any Time = SystemTime(), log: any Log
  ) {
    self.load = load
    self.transport = transport
    self.pages = pages
    self.fileSystem = fileSystem
    self.time = time
    self.log = log
  }
}

extension LoadedConfiguration {
  /// Makes a client that reaches the configured server by HTTP, and waits for answers as long as configured unless
  /// `replyTimeout` says otherwise. Throws ``ConfigurationFailure`` when a file that TLS needs cannot be read, and
  /// ``SystemError`` when no thread can be had.
  public func makeTransport(replyTimeout: Duration? = nil) throws -> any Transport {
    try ReferencedFiles.checkForTLS(configuration)
    let server = configuration.server
    let options = TransferOptions(
      credentials: .init(user: "haplo", password: key.secret), caFile: server.caFile,
      clientCertificateFile: server.clientCertificateFile, clientKeyFile: server.clientKeyFile,
      proxy: server.proxy,
      connectTimeout: server.connectTimeout, stallTimeout: server.stallTimeout,
      replyTimeout: replyTimeout ?? server.replyTimeout,
      maxConnections: server.maxConnections, bandwidthLimit: server.bandwidthLimit,
      userAgent: "haplo-importd/\(Version.text)")
    return HaploClient(url: server.url, engine: try TransferEngine(options))
  }
}
