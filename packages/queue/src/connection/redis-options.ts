/** How Redis (6.2 or later) or Valkey is reached. */
export interface RedisOptions {
  /**
   * `redis://` or `rediss://`, with user, password and database; default `redis://127.0.0.1:6379`.
   * Beside `sentinel` or `cluster` it says these things too, and its host is not used.
   */
  readonly url?: string | undefined;
  readonly sentinel?:
    | { readonly name: string; readonly nodes: readonly string[]; readonly password?: string }
    | undefined;
  /** `host:port` of some nodes of a cluster. */
  readonly cluster?: readonly string[] | undefined;
  /** This and `password` go before those in `url`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Paths of PEM files; needs `rediss://`, except beside `sentinel` or `cluster` without `url`. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
  /** Before every key; in braces, so that a cluster keeps all of them in one slot. Default `{shardmill}`. */
  readonly prefix?: string | undefined;
}
