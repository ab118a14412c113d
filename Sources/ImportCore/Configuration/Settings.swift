/// What `[Server]` says: which Haplo server, with which key, how patiently.
public struct ServerSettings: Hashable, Sendable {
  /// Scheme, host and port, without a slash at the end: `https://research.example.ac.uk`.
  public var url: String
  /// True if a key may travel unencrypted to a host that is not this one.
  public var allowPlainHTTP = false
  /// The file with the API key; nil when none is named and systemd gave no credentials.
  public var apiKeyFile: String?
  /// The file with the key that reads the server's jobs pages; nil: they are not read.
  public var outcomeKeyFile: String?
  /// How long a job may take before its outcome is unknown.
  public var outcomeTimeout: Duration = .seconds(86_400)
  /// Certificates (PEM) to trust in place of the system's.
  public var caFile: String?
  /// This client's own certificate (PEM).
  public var clientCertificateFile: String?
  /// The certificate's private key (PEM); nil: it is in the certificate's file, if there is one.
  public var clientKeyFile: String?
  /// A proxy's address, perhaps with user and password: never print it.
  public var proxy: String?
  /// How long connecting may take.
  public var connectTimeout: Duration = .seconds(20)
  /// How long no byte may move while sending.
  public var stallTimeout: Duration = .seconds(120)
  /// How long the answer may take once all is sent.
  public var replyTimeout: Duration = .seconds(600)
  /// How many requests at once, all sources together.
  public var maxConnections = 4
  /// Bytes a second, all requests together; nil: no limit.
  public var bandwidthLimit: Int64?
  /// Bytes beyond which this server's readers of JSON and of tables fail; 0: not known.
  public var readerLimit = ReaderLimit.usual

  /// Takes the address; everything else has its default.
  public init(url: String) { self.url = url }
}

/// What `[Daemon]` says: where things are kept.
public struct DaemonSettings: Hashable, Sendable {
  /// Holds `drop/ work/ held/ rejected/ archive/`, each with a folder per source.
  public var spoolDirectory = "/var/spool/haplo-importd"
  /// Holds the journal and its lock.
  public var stateDirectory = "/var/lib/haplo-importd"
  /// Holds the control socket.
  public var runtimeDirectory = "/run/haplo-importd"
  /// Where figures for monitoring are written; nil: nowhere.
  public var metricsFile: String?
  /// Bytes that must be free on spool and state before anything new is taken; 0: not looked at.
  public var minFreeSpace: Int64 = 64 << 20

  public init() {}

  /// Starts with the defaults that hold in `environment`.
  public init(environment: ConfigurationEnvironment) {
    if let instance = environment.instance {
      spoolDirectory += "-\(instance)"
      stateDirectory += "-\(instance)"
      runtimeDirectory += "-\(instance)"
    }
    stateDirectory = environment.stateDirectory ?? stateDirectory
    runtimeDirectory = environment.runtimeDirectory ?? runtimeDirectory
  }
}

/// What one `[Source NAME]` says: where an exporting system drops its sets, and what becomes of them.
public struct SourceSettings: Hashable, Sendable {
  /// The name in the section's header.
  public let name: SourceName
  /// Where sets are dropped.
  public var directory: String
  /// What is scheduled; a real import only when somebody wrote so.
  public var mode: SourceMode = .dryRun
  /// The comment of a batch.
  public var comment: CommentTemplate = .standard
  /// The comment of a control file.
  public var controlComment: CommentTemplate = .standard
  /// A fixed control file for exporters that drop only data.
  public var controlFile: String?
  /// Which file is meant by a key of the control file's `files`: a name, or a ``Glob``.
  public var fileRules: [ExactText: String] = [:]
  /// How long nothing may have changed.
  public var quiet: Duration = .seconds(5)
  /// The file that must be there too.
  public var markerFile: String?
  /// After how long an incomplete set is reported; nil: never.
  public var incompleteWarn: Duration? = .seconds(3600)
  /// After how long an incomplete set is rejected; nil: never.
  public var incompleteReject: Duration?
  /// After how long a set that alone fails with retryable answers is held; nil: never.
  public var holdAfter: Duration? = .seconds(86400)
  /// In what time a set is expected, and an alarm is raised when none has come; nil: none is.
  public var expectEvery: Duration?
  /// How often a person is reminded of a set that waits for approval; nil: never.
  public var approvalWarn: Duration? = .seconds(86400)
  /// True if exporters are told in their drop directory what became of their sets.
  public var resultFiles = false
  /// The order in which sets are scheduled.
  public var order: ScheduleOrder = .arrival
  /// What becomes of a set with the same bytes as the last scheduled one.
  public var onDuplicate: OnDuplicate = .import
  /// How much smaller than in the last scheduled set a file may be; nil: by any amount.
  public var shrinkLimit: ShrinkLimit?
  /// What a set's records must be like so that it is sent without a person.
  public var guards = RecordGuards()
  /// What happens after a set was rejected or held.
  public var onRejected: OnRejected = .continue
  /// What happens after the job of a set failed on the server.
  public var onFailed: OnRejected = .continue
  /// How long archived sets are kept; nil: for ever.
  public var archiveKeep: Duration?
  /// How many bytes of archived sets are kept; nil: any number.
  public var archiveMaxSize: Int64?
  /// How long the files of archived sets are kept, if not as long as their receipts; nil: as long.
  public var archiveFilesKeep: Duration?
  /// How long rejected sets and results for exporters are kept; nil: for ever.
  public var rejectedKeep: Duration?
  /// How many sets of this source are uploaded at once.
  public var maxInFlight = 4
  /// How much of a set is examined before it is uploaded.
  public var check = CheckDepth.full
  /// How often the directory is looked at when nothing was reported; nil: never.
  public var rescan: Duration? = .seconds(60)

  /// Takes name and directory; everything else has its default.
  public init(name: SourceName, directory: String) {
    self.name = name
    self.directory = directory
  }

  /// Starts with the defaults that hold under a spool: sets are dropped in `SPOOL/drop/NAME`.
  public init(name: SourceName, spoolDirectory: String) {
    self.init(name: name, directory: "\(spoolDirectory)/drop/\(name)")
  }
}

/// The treatment of a set that has the same bytes as the last scheduled one of its source (`OnDuplicate=`).
public enum OnDuplicate: String, Sendable, CaseIterable {
  /// It is imported like any other.
  case `import`
  /// It goes to the archive without being sent.
  case skip
  /// A person decides.
  case hold
}

/// The reaction of a source after one of its sets was rejected or held (`OnRejected=`), or its job failed (`OnFailed=`).
public enum OnRejected: String, Sendable, CaseIterable {
  /// The next set goes on.
  case `continue`
  /// Nothing more is taken or scheduled until a person decides.
  case halt
}

/// In which order the sets of a source are scheduled (`Order=`).
public enum ScheduleOrder: String, Codable, Sendable, CaseIterable {
  /// As they were seen complete.
  case arrival
  /// The lowest name among those claimed and not scheduled.
  case name
}

/// The treatment of the sets of a source (`Mode=`).
public enum SourceMode: String, Codable, Sendable, CaseIterable {
  /// They are checked by the server without importing.
  case dryRun = "dry-run"
  /// They are imported.
  case `import`
  /// A dry run first; the same bytes are imported once a person has approved it.
  case approve
  /// A dry run first; the same bytes are imported if it ended without errors and there are records, else once a person has
  /// approved it.
  case importIfClean = "import-if-clean"

  /// True if a dry run comes first, and its result decides.
  public var awaitsApproval: Bool { self == .approve || self == .importIfClean }
}

/// The depth to which a set is examined before it is uploaded (`Check=`).
public enum CheckDepth: String, CaseIterable, Sendable {
  /// The control file and every data file: what `check` does.
  case full
  /// The control file, with the options of its readers.
  case control
  /// The facts that are needed to find the files, and no more.
  case off
}

/// Sizes from which readers of the server fail (docs/server.md, "How data files are read").
public enum ReaderLimit {
  /// Where nobody says otherwise: 16 MiB.
  public static let usual: Int64 = 16 << 20
}
