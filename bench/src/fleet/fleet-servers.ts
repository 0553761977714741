import { readFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  type RedisServer,
  type S3Server,
  startRedisServer,
  startS3Server,
} from '@shardmill/test-kit';

export const BUCKET = 'bench';

/** Redis and an S3 server on loopback, for one measurement. */
export interface FleetServers {
  readonly redis: RedisServer;
  readonly s3: S3Server;
  /** With which every command finds both. */
  readonly env: NodeJS.ProcessEnv;
  upload(file: string, key: string): Promise<string>;
  close(): Promise<void>;
}

/** @throws Error with the names of Debian's packages, where the programs are missing. */
export async function startFleetServers(cacheFolder: string): Promise<FleetServers> {
  const redis = await startRedisServer();
  const s3 = await startS3Server().catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  await s3.createBucket(BUCKET);
  return {
    redis,
    s3,
    env: {
      ...process.env,
      ...s3.env,
      SHARDMILL_REDIS_URL: redis.url,
      SHARDMILL_STATE_URI: `s3://${BUCKET}/state`,
      SHARDMILL_CACHE_FOLDER: cacheFolder,
      SHARDMILL_WORKER_STATUS_PORT: 'none',
      SHARDMILL_SCHEDULER_STATUS_PORT: 'none',
      SHARDMILL_LOG_LEVEL: 'warn',
    },
    async upload(file, key) {
      const Body = await readFile(file);
      await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
      return `s3://${BUCKET}/${key}`;
    },
    async close() {
      await redis.close();
      await s3.close();
    },
  };
}
