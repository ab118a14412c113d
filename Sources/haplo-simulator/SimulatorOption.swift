/// One option of the command line: nothing else needs to know it but the place where it is taken.
struct SimulatorOption {
  /// Without dashes: `port`.
  let name: String
  /// What its argument is called in the help; nil: it takes none.
  let argument: String?
  let help: String

  private init(_ name: String, taking argument: String? = nil, _ help: String) {
    self.name = name
    self.argument = argument
    self.help = help
  }

  /// As it stands in the help: `--port PORT`.
  var synopsis: String { "--\(name)" + (argument.map { " \($0)" } ?? "") }

  static let all: [SimulatorOption] = [
    .init(
      "api-key-file", taking: "FILE", "the keys it accepts, one a line (under 16 characters: never accepted)"),
    .init(
      "outcome-key-file", taking: "FILE",
      "the keys for the pages that show what became of batches, one a line; without it: none"),
    .init("port", taking: "PORT", "port on 127.0.0.1; 0, the default, takes a free one"),
    .init("port-file", taking: "FILE", "where the port is written once it listens, in one piece"),
    .init("tls-certificate", taking: "FILE", "speaks HTTPS with this certificate chain (PEM)"),
    .init("tls-key", taking: "FILE", "with this private key (PEM); the two go together"),
    .init("record", taking: "FILE", "appends every event as a line of JSON (below)"),
    .init(
      "keep-files", taking: "DIRECTORY", "keeps what is uploaded, byte for byte, each file under its SHA-256"),
    .init("fault", taking: "FAULT", "misbehaves (below); can be given several times"),
    .init("job-time", taking: "TIME", "how long a job runs, if no fault says otherwise; 100ms"),
    .init("latency", taking: "TIME", "waits before every answer (50ms, 1.5s, 2min)"),
    .init("host", taking: "NAME", "answers to this name too, beside the loopback ones; any other gets 404"),
    .init("model", taking: "NAME", "knows only the models so named; without it every name with a colon"),
    .init("reader", taking: "NAME", "knows this reader too"),
    .init("require-https", "answers plain http with a redirection to https, as behind a proxy"),
    .init("silence", taking: "TIME", "answers 500 when a body is silent for so long; 30s"),
    .init("list-delay", taking: "TIME", "between reading and writing a batch's list of files; 2ms"),
    .init("help", "prints this"),
    .init("version", "prints the version"),
  ]
}
