/// Seeded defects that the judges must find. They are in the simulated machine and the simulated network only.
enum Mutation: String, CaseIterable {
  /// fdatasync(2) of the journal returns without having written anything.
  case journalNotSynced = "journal-not-synced"
  /// fsync(2) of directories does so: a rename is not durable.
  case renameNotSynced = "rename-not-synced"
  /// fdatasync(2) of dropped files does so.
  case dataNotSynced = "data-not-synced"
  /// A request to schedule that was lost on its way is answered as if it had arrived.
  case answerInvented = "answer-invented"
  /// Times of files are turned round, so that the order of arrival is.
  case orderTurned = "order-turned-round"
  /// A new key that a reload reads is not used.
  case eraIgnored = "era-ignored"
  /// Timers of more than 50 s never end.
  case longTimersLost = "long-timers-lost"
  /// Every file can be leased, whoever writes to it.
  case leaseAlwaysGiven = "lease-always-given"
  /// A write to the journal keeps a part and reports all.
  case writesLost = "writes-lost"
  /// A rename replaces what is there, though it must not, a folder with its content as well.
  case replacing = "rename-replaces"
  /// Bytes of an upload change on the way, and the answer has the digest that was asked for.
  case bytesChanged = "bytes-changed"
  /// Events of a directory never come, nor does a rescan find anything but at the start.
  case directoriesStale = "listing-stale"
  /// The page of a batch shows the state and errors of the last other job.
  case pageOfAnother = "page-of-another-batch"
  /// The pages show no errors of jobs that have some.
  case errorsHidden = "errors-not-shown"
  /// The pages show jobs as ended that have not.
  case endInvented = "end-invented"
  /// A refused outcome key is answered like a server that is down.
  case refusalHidden = "refusal-as-503"
  /// While a page is asked for, no request is sent.
  case pagesBlock = "pages-block-requests"
}

/// The defect of this process; nil in a run that must find none.
nonisolated(unsafe) var mutation: Mutation?
