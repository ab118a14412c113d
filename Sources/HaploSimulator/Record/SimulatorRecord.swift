/// Tells what happened at the server: what was sent, and what was scheduled in which order.
public struct SimulatorRecord: Sendable {
  /// A file as the server took it in.
  public struct File: Sendable, Equatable {
    /// The name of the data in the control file.
    public let name: String
    /// The file's own name as the server keeps it.
    public let filename: String
    /// SHA-256, 64 lower-case digits.
    public let digest: String
    /// In bytes.
    public let size: Int64
  }

  /// A control file that passed the server's checks; the same one sent again is not another.
  public struct Control: Sendable, Equatable {
    public let digest: String
    public let size: Int64
    /// The comment of its first upload.
    public let comment: String?
    /// How often it was uploaded.
    public var uploads = 1
  }

  /// A batch; one that is `uploading` is an orphan until it is scheduled.
  public struct Batch: Sendable, Equatable {
    public let id: String
    /// The number that the server's database and pages know it by, from 1; anew after all were forgotten.
    public let number: Int
    /// The control file's digest; empty for a batch that was made by hand.
    public let control: String
    public let comment: String?
    /// When it was created, in seconds since 1970.
    public let created = secondsNow()
    /// Every file that was answered with its digest, in the order of the answers.
    public var uploads: [File] = []
    /// Files that came when the batch was scheduled already; they are among `uploads` too.
    public var late: [File] = []
    /// The server's own list, from which parallel uploads can get lost. What a job imports is this.
    public var files: [File] = []
    /// The number of its job, from 1; nil when it was not scheduled, or when its job was lost.
    public var job: Int?
    public var state = State.uploading
    /// How many records had errors, for a job that has ended; 0 for one that an exception ended.
    public var errors: Int?
    /// When its job ended, in seconds since 1970.
    public var finished: Double?
    /// Whether a fault made the server forget it.
    public var isForgotten = false
  }

  /// A scheduled import, with what was in the batch at that moment.
  public struct Job: Sendable, Equatable {
    /// From 1, in the order in which they run.
    public let number: Int
    public let batch: String
    public let control: String
    /// Whether it only checks. Everything but the mode `dry-run`, to the letter, is a real import.
    public let isDryRun: Bool
    /// The mode as it was sent.
    public let mode: String?
    /// The server's list of the batch's files.
    public let files: [File]
    /// When it was scheduled, in seconds since 1970.
    public let time = secondsNow()

    /// What the import reads, by name: of two files with one name the later.
    public var data: [String: File] { Dictionary(files.map { ($0.name, $0) }) { $1 } }
  }

  /// A request and what was answered.
  public struct Request: Sendable, Equatable {
    /// From 1, in the order in which they began.
    public let number: Int
    public let endpoint: Endpoint
    public let method: String
    public let path: String
    public let address: String
    /// Bytes of the body that came.
    public let received: Int64
    /// nil when the connection was cut, by a fault or by the client, without an answer.
    public let status: Int?
    /// The answer's first 200 characters.
    public let answer: String?
    /// nil for a path that is no step.
    public var step: Step? { endpoint.step }
    /// The faults that it met, each as it is written on the command line.
    public let faults: [String]
    /// When it was answered or cut, in seconds since 1970.
    public let time = secondsNow()
  }

  /// How many of the latest requests are kept; `requests(of:)` counts all.
  public static let requestLimit = 10_000

  public internal(set) var controls: [Control] = []
  /// In the order of their creation.
  public internal(set) var batches: [Batch] = []
  /// In the order in which they were scheduled.
  public internal(set) var jobs: [Job] = []
  /// The latest requests that have ended, in the order of their end.
  public internal(set) var requests: [Request] = []
  /// How many requests for the pages that show what became of batches have begun, by path, whatever their key.
  public internal(set) var pageRequests: [String: Int] = [:]
  public internal(set) var sessions = Sessions()
  var begun: [Endpoint: Int] = [:]

  /// The sessions that batches' pages made for requests that brought none.
  public struct Sessions: Sendable, Equatable {
    /// How many have been made.
    public internal(set) var made = 0
    /// How many the server has now.
    public internal(set) var live = 0
    /// How often it had too many and dropped those of all users.
    public internal(set) var drops = 0
  }

  /// Counts the requests of a step that have begun, answered or not; nil counts those of neither a step nor a page.
  public func requests(of step: Step?) -> Int { begun[step.map(Endpoint.step) ?? .other] ?? 0 }

  /// Counts the requests of a page that have begun, answered or not.
  public func requests(ofPage page: OutcomePage) -> Int { begun[.page(page)] ?? 0 }

  /// How many requests have begun.
  public var requestCount: Int { begun.values.reduce(0, +) }

  /// Batches that were created and not scheduled.
  public var orphans: [Batch] { batches.filter { $0.state == .uploading } }

  /// Looks up a batch, forgotten ones too.
  public func batch(_ id: String) -> Batch? { batches.first { $0.id == id } }
}

extension SimulatorRecord.Batch {
  /// Names the states of a batch as the server's pages show them.
  public enum State: String, Sendable {
    case uploading
    /// Made by hand on the server's own pages.
    case ready
    case scheduled
    case running
    /// A finished import, with or without errors.
    case complete
    /// A finished dry run, with or without errors.
    case dryRun = "dry-run"
    /// A job that an exception ended. The pages show 0 errors for it.
    case error

    var isFinished: Bool { self == .complete || self == .dryRun || self == .error }
  }
}
