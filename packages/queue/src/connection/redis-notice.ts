/** What a process logs about Redis and the queue; none of it needs an answer. */
export type RedisNotice =
  /** Redis does not answer; reported once each time that the connection is lost. */
  | { readonly kind: 'redis-lost'; readonly where: string; readonly message: string }
  | { readonly kind: 'redis-back'; readonly where: string }
  /** What was read under this id is no shard message; it was taken out of the queue. */
  | {
      readonly kind: 'message-unreadable';
      readonly pool: string;
      readonly id: string;
      readonly message: string;
    }
  /** The work function threw, which it should not: the shard is handed back. */
  | {
      readonly kind: 'work-threw';
      readonly pool: string;
      readonly id: string;
      readonly message: string;
    }
  /** The shard is not this worker's any more: its lock ran out, or it was taken out of the queue. */
  | { readonly kind: 'shard-abandoned'; readonly pool: string; readonly id: string }
  /** Redis refused a command or a script; the next one may succeed. */
  | { readonly kind: 'redis-refused'; readonly where: string; readonly message: string };

export type NoticeListener = (notice: RedisNotice) => void;
