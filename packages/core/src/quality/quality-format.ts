/** What the outcomes of a run call themselves; a reader refuses any other. */
export const QUALITY_FORMAT = 'shardmill-quality/1';
