/** What the drift of a run calls itself; a reader refuses any other. */
export const DRIFT_FORMAT = 'shardmill-drift/1';
