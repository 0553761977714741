/** What went over a connection since it was made. */
export interface S3Traffic {
  readonly requests: number;
  /** Requests that repeat one that failed; `requests` counts them, too. */
  readonly retries: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}
