/** What the stored objects call themselves; a reader refuses any other. */
export const PLAN_FORMAT = 'shardmill-plan/1';
export const RECORD_FORMAT = 'shardmill-shard/1';
export const PART_INDEX_FORMAT = 'shardmill-part/1';
export const FAILURE_FORMAT = 'shardmill-failure/1';
export const MANIFEST_FORMAT = 'shardmill-manifest/1';

/** Shards per page of the plan. */
export const SHARDS_PER_PAGE = 1000;
