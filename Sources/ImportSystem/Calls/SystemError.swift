import CLinux
import Glibc

/// Tells which call on which object the system refused, and why:
/// `cannot rename 'hr/control.json' to 'work/…': No space left on device`.
public struct SystemError: Error, Hashable, Sendable {
  /// What was tried, as it reads after "cannot": `rename`, `make directory`.
  public let call: String
  /// What it was tried on, quoted: `'hr/control.json' to 'work/…'`; may be empty.
  public let object: String
  /// The system's error number. Refusals of our own have the nearest one.
  public let errno: Int32
  /// Words that say more than the error number's own text and stand in its place.
  public let detail: String?

  /// Describes a call that failed with `errno`.
  public init(call: String, object: String, errno: Int32, detail: String? = nil) {
    self.call = call
    self.object = object
    self.errno = errno
    self.detail = detail
  }

  /// Describes `operation` as failed with `errno`: what a fault hook throws.
  public init(failing operation: FileOperation, errno: Int32) {
    self.init(call: operation.kind.rawValue, object: operation.quotedObject, errno: errno)
  }

  /// No room: the disk or a quota is full (ENOSPC, EDQUOT). It passes when somebody makes room.
  public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }
  /// The object is not there (ENOENT).
  public var isMissing: Bool { errno == ENOENT }
  /// The name is taken already (EEXIST).
  public var exists: Bool { errno == EEXIST }
  /// Both names are on different mounts, so that only a copy can help (EXDEV).
  public var crossesFileSystems: Bool { errno == EXDEV }
  /// The device failed (EIO): nothing that was written before can be trusted to be on it.
  public var isIO: Bool { errno == EIO }
  /// The process lacks a right (EACCES, EPERM, EROFS).
  public var isPermission: Bool { errno == EACCES || errno == EPERM || errno == EROFS }
  /// Another process uses the object just now (EAGAIN: its lease; EBUSY, ETXTBSY).
  public var isInUse: Bool { errno == EAGAIN || errno == EBUSY || errno == ETXTBSY }
  /// The directory still has entries (ENOTEMPTY).
  public var isNotEmpty: Bool { errno == ENOTEMPTY }
  /// The object is no directory, where one is needed (ENOTDIR), or a symbolic link in its place (ELOOP).
  public var isNotDirectory: Bool { errno == ENOTDIR || errno == ELOOP }
  /// What was to be opened as a file is no regular one (EINVAL).
  public var isNotRegularFile: Bool { call == "open" && errno == EINVAL }
  /// A file has more bytes than the caller would take (EFBIG).
  public var isTooLarge: Bool { errno == EFBIG }
  /// The caller no longer wanted the result (ECANCELED).
  public var isCancelled: Bool { errno == ECANCELED }
  /// No more descriptors or watches (EMFILE, ENFILE, or ENOSPC of inotify).
  public var isLimit: Bool { errno == EMFILE || errno == ENFILE }
}

extension SystemError: CustomStringConvertible {
  public var description: String {
    let separator = object.isEmpty ? "" : " "
    return "cannot \(call)\(separator)\(object): \(detail ?? Self.text(of: errno))"
  }

  /// The system's own words for an error number, in English whatever the locale: `No such file or directory`.
  public static func text(of errno: Int32) -> String {
    guard let text = unsafe haplo_error_text(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
  }
}

/// One call that a ``FileSystem`` is about to make: what, on what, and what for.
public struct FileOperation: Sendable, Hashable {
  /// The kinds of calls; the raw value is the verb of an error's text, after "cannot".
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case open
    case create
    case read
    case write = "write to"
    case sync
    case dataSync = "sync the data of"
    case rename
    case makeDirectory = "make directory"
    case setMode = "set owner and mode of"
    case unlink = "remove"
    case removeDirectory = "remove directory"
    case truncate
    case link
    case lock
    case statistics = "examine"
    case list
  }

  /// Which call.
  public let kind: Kind
  /// Why the caller makes it: `claim`, `archive`, `journal`.
  public let purpose: String
  /// The path it acts on.
  public let object: String
  /// The new path of a rename or link.
  public let target: String?

  public init(_ kind: Kind, for purpose: String, on object: String, to target: String? = nil) {
    self.kind = kind
    self.purpose = purpose
    self.object = object
    self.target = target
  }

  /// The object, and the target if there is one, as they stand in an error's text.
  var quotedObject: String { target.map { "\(quoted(object)) to \(quoted($0))" } ?? quoted(object) }
}
