/// Says how a simulator is to behave; everything has the value of a usual Haplo server, on a free port.
public struct SimulatorOptions: Sendable {
  /// Certificate chain and private key, as PEM text.
  public struct TLS: Sendable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// The keys that the server knows; those shorter than 16 characters are refused all the same.
  public var apiKeys: Set<String>
  /// The keys that are bound to the path of the pages that show what became of batches. The API refuses them, and the
  /// pages refuse the keys above.
  public var outcomeKeys: Set<String> = []
  /// How long a job runs, if no fault says otherwise.
  public var jobTime: Duration = .milliseconds(100)
  /// How many sessions the server keeps before it drops all of them.
  public var sessionLimit = 10_000
  /// The port on 127.0.0.1; 0 takes a free one. A port to come back to should be below 32768, where the kernel
  /// hands out none.
  public var port: UInt16 = 0
  /// With it the server speaks HTTPS, else HTTP.
  public var tls: TLS?
  /// The host names it answers to, in lower case and without port; any other gets a 404.
  public var hostNames: Set<String> = ["localhost", "127.0.0.1", "[::1]", "ip6-localhost"]
  /// The models it knows; nil knows every name with a colon in it (`std:person`).
  public var models: Set<String>?
  /// The readers it knows.
  public var readers: Set<String> = ["json", "xml-text-of-children", "xml-attributes", "tsv-with-name-row"]
  /// Whether plain http is answered with a redirection to https (500 for multipart), as behind a proxy.
  public var requiresHTTPS = false
  /// The file to which every event is appended, as one line of JSON; see `RecordLine`.
  public var recordPath: String?
  /// The directory in which uploads are kept, each under its digest.
  public var keepDirectory: String?
  /// How long every request waits before it is looked at.
  public var latency: Duration = .zero
  /// How long reading and writing a batch's list of files are apart; within it, parallel senders lose files.
  public var listDelay: Duration = .milliseconds(2)
  /// How long a body may be silent before it is answered with 500.
  public var silenceLimit: Duration = .seconds(30)
  /// How many requests are worked on at once.
  public var workers = 8
  /// The faults from the start.
  public var faults: [Fault] = []
  /// The time since any fixed moment, by which the throttle is lifted and jobs run.
  public var clock: @Sendable () -> Duration = { monotonicNow() }

  public init(apiKey: String) { apiKeys = [apiKey] }
}

private let start = ContinuousClock.now
private func monotonicNow() -> Duration { ContinuousClock.now - start }
