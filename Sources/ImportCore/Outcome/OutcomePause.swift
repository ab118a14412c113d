/// The pauses between two requests about the same job.
public enum OutcomePause {
  /// After the first request.
  public static let shortest = Duration.seconds(2)
  /// A large import takes many minutes.
  public static let longest = Duration.seconds(300)
  /// From this pause on, the list is read as well, to see whether a later job has ended.
  public static let slow = Duration.seconds(16)
  /// After a page that was refused while the server locks this address out: a lockout lifts 300 s after the last failure.
  public static let lockout = Duration.seconds(330)
  /// After a refusal, in a program that does not stay.
  public static let refused = Duration.seconds(3600)
  /// So many answers in a row that were not understood end the reading of a job.
  public static let unexpectedBeforeUnknown = 10

  /// A job whose time is over is read so often before it is unknown, half a minute long.
  public static let triesOfOverdue = 5

  /// The pause after so many requests, at least one.
  public static func after(_ requests: Int) -> Duration {
    min(shortest * (1 << min(max(requests, 1) - 1, 16)), longest)
  }
}
