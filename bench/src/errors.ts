/** The command line is wrong, or this machine cannot measure what it asks for. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A program under measurement failed, or gave a result that is not the right one. */
export class WrongResultError extends Error {
  override readonly name = 'WrongResultError';
}
