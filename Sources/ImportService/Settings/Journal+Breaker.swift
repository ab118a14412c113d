public import HaploAPI
public import ImportCore
public import ImportStorage

extension Journal: BreakerStore {
  public var breaker: ServerBreaker { server }
}
