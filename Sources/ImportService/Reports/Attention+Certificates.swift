public import ImportCore

extension Attention {
  /// Certificates that expire sooner than this need a person.
  private static let notice = Duration.seconds(14 * 86_400)

  /// A warning for each certificate that expires within 14 days.
  ///
  /// - Parameters:
  ///   - server: The end of the server's certificate; nil if it is not known.
  ///   - client: That of `ClientCertificateFile=`; nil if there is none.
  public static func certificates(server: Timestamp?, client: Timestamp?, now: Timestamp) -> [Attention] {
    [
      warning("the server's certificate", "its administrator must renew it", server, now),
      warning("the certificate of ClientCertificateFile=", "renew it, then reload", client, now),
    ].compactMap(\.self)
  }

  private static func warning(_ name: String, _ remedy: String, _ end: Timestamp?, _ now: Timestamp)
    -> Attention?
  {
    guard let end, end.since(now) < notice else { return nil }
    let days = end.since(now).components.seconds / 86_400
    let when = end <= now ? "expired" : days == 1 ? "expires in 1 day," : "expires in \(days) days,"
    return Attention(.warning, "\(name) \(when) at \(end.rfc3339): \(remedy)")
  }
}
