/// The kinds of things that the log tells of. Each has a MESSAGE_ID of its own, by which it is found in the
/// journal, and which never changes.
public enum LogKind: String, Sendable, Hashable, CaseIterable {
  case started = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f101"
  case stopping = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f102"
  case reloaded = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f103"
  case configurationRefused = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f104"
  case sourceConfigured = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f105"
  case logLinesDropped = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f150"
  case workStuck = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f151"
  case workMoves = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f152"
  case restartNeeded = "5b4d8d0f7a5c4ba0a2a6d2a9b4c0f153"
  case setObstructed = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4250"
  case filesUnreadable = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4251"
  case setClaimed = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4201"
  case setUploading = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4202"
  case setScheduling = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4203"
  case setScheduled = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4204"
  case setArchived = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4205"
  case setDeferred = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4206"
  case setHeld = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4207"
  case setRejected = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4208"
  case setWithdrawn = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4209"
  case batchAbandoned = "c1f0a5d2c35e4d0e9c9a3b7f8e6d420a"
  case fileUploaded = "c1f0a5d2c35e4d0e9c9a3b7f8e6d420b"
  case setRetried = "c1f0a5d2c35e4d0e9c9a3b7f8e6d420d"
  case setApproved = "c1f0a5d2c35e4d0e9c9a3b7f8e6d420e"
  case sourcePaused = "c1f0a5d2c35e4d0e9c9a3b7f8e6d420f"
  case sourceResumed = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4210"
  case setSkipped = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4220"
  case approvalOverdue = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4221"
  case setDiscarded = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4222"
  case setReconciled = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4236"
  case outcomeGood = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4230"
  case outcomeWithErrors = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4231"
  case outcomeFailed = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4232"
  case outcomeStuck = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4233"
  case outcomeUnknown = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4234"
  case outcomeDeferred = "c1f0a5d2c35e4d0e9c9a3b7f8e6d4235"
  case outcomesStopped = "94a7e3c8b2d5416e9f0a1c7d5b8e6404"
  case outcomesResumed = "94a7e3c8b2d5416e9f0a1c7d5b8e6405"
  case dropIncomplete = "7e2b9c46d1f34a7f8b5c0d9e1a2f3301"
  case dropRefused = "7e2b9c46d1f34a7f8b5c0d9e1a2f3302"
  case directoryWatched = "7e2b9c46d1f34a7f8b5c0d9e1a2f3303"
  case directoryPolled = "7e2b9c46d1f34a7f8b5c0d9e1a2f3304"
  case directoryLost = "7e2b9c46d1f34a7f8b5c0d9e1a2f3305"
  case leaseUnavailable = "7e2b9c46d1f34a7f8b5c0d9e1a2f3306"
  case scanned = "7e2b9c46d1f34a7f8b5c0d9e1a2f3307"
  case dropInaccessible = "7e2b9c46d1f34a7f8b5c0d9e1a2f3308"
  case sourceSilent = "7e2b9c46d1f34a7f8b5c0d9e1a2f3320"
  case sourceHeard = "7e2b9c46d1f34a7f8b5c0d9e1a2f3321"
  case resultNotWritten = "7e2b9c46d1f34a7f8b5c0d9e1a2f3322"
  case archivePruned = "94a7e3c8b2d5416e9f0a1c7d5b8e6403"
  case serverRefused = "94a7e3c8b2d5416e9f0a1c7d5b8e6401"
  case serverAccepted = "94a7e3c8b2d5416e9f0a1c7d5b8e6402"
  case diskFull = "e8d1b6f03c294d75a1e94f2c7b0a5501"
  case diskHasRoom = "e8d1b6f03c294d75a1e94f2c7b0a5502"
  case journalDamaged = "e8d1b6f03c294d75a1e94f2c7b0a5503"
  case journalOutdated = "e8d1b6f03c294d75a1e94f2c7b0a5509"
  case journalReconciled = "e8d1b6f03c294d75a1e94f2c7b0a550a"
  case journalTorn = "e8d1b6f03c294d75a1e94f2c7b0a5504"
  case inputOutputError = "e8d1b6f03c294d75a1e94f2c7b0a5505"
  case spoolUnwritable = "e8d1b6f03c294d75a1e94f2c7b0a5507"
  case spoolWritable = "e8d1b6f03c294d75a1e94f2c7b0a5508"
  case ourBug = "e8d1b6f03c294d75a1e94f2c7b0a5506"
  case metricsFailed = "d1c7b2e85f3a4c69b0e4a6f1937c7701"
  case metricsWritten = "d1c7b2e85f3a4c69b0e4a6f1937c7702"
  case noticeLost = "d1c7b2e85f3a4c69b0e4a6f1937c7703"
  case archiveDamaged = "d1c7b2e85f3a4c69b0e4a6f1937c7704"
  case archiveVerified = "d1c7b2e85f3a4c69b0e4a6f1937c7705"

  /// The priority of this kind of event where its circumstances do not ask for another.
  public var priority: LogPriority {
    switch self {
    case .diskFull, .journalDamaged, .journalOutdated: .critical
    case .setHeld, .setRejected, .serverRefused, .inputOutputError, .ourBug, .configurationRefused,
      .setObstructed,
      .archiveDamaged, .spoolUnwritable, .outcomeFailed, .outcomeStuck, .outcomesStopped:
      .error
    case .setDeferred, .dropIncomplete, .dropInaccessible, .directoryPolled, .directoryLost,
      .leaseUnavailable,
      .journalTorn, .setWithdrawn, .approvalOverdue, .sourceSilent, .resultNotWritten, .metricsFailed,
      .noticeLost, .logLinesDropped, .workStuck, .restartNeeded, .filesUnreadable, .outcomeWithErrors,
      .outcomeUnknown:
      .warning
    case .journalReconciled, .setReconciled, .setRetried, .setApproved, .setDiscarded, .sourcePaused,
      .sourceResumed,
      .setScheduled, .setArchived,
      .setSkipped,
      .started, .stopping, .reloaded, .serverAccepted, .diskHasRoom, .spoolWritable, .sourceHeard,
      .metricsWritten, .archiveVerified, .workMoves, .outcomeGood, .outcomesResumed:
      .notice
    case .setClaimed, .setUploading, .setScheduling, .batchAbandoned, .archivePruned,
      .directoryWatched, .sourceConfigured:
      .information
    // What is refused is claimed and rejected, and that line says it all.
    case .scanned, .fileUploaded, .dropRefused, .outcomeDeferred: .debug
    }
  }
}
