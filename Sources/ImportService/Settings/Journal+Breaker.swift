public import ImportStorage
public import HaploAPI
public import ImportCore

extension Journal: BreakerStore {
  public var breaker: ServerBreaker { server }
}
