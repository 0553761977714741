/** A broken invariant of the program itself: a bug, and never a fault of input, store or setting. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Ends a `switch` over a union. @throws InvariantError for a value that its types rule out. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`unknown ${what} ${JSON.stringify(value)}`);
}
