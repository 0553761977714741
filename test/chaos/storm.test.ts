import { startRedisServer, startS3FaultProxy, startS3Server } from '@shardmill/test-kit';
import { expect, it } from 'vitest';
import { useWorkplace } from '../support/workplace.js';
import { storeDataset } from './dataset.js';
import { storm } from './storm.js';

const place = useWorkplace('file');

/** `npm run storm` sets them; otherwise the storm is short, with a new seed each time. */
const seconds = Number(process.env['SHARDMILL_STORM_SECONDS'] ?? 30);
const seed = Number(process.env['SHARDMILL_STORM_SEED'] ?? Date.now() % 1_000_000);
const BUCKET = 'storm';
/** A lock lives for 10 s. */
const FROZEN_MS = 13_000;

it(
  'scores every row once while processes die, Redis forgets and the store lies',
  async () => {
    const log = (line: string): void => void process.stderr.write(`storm: ${line}\n`);
    log(`seed ${seed}, ${seconds} s of harm`);
    const s3 = await startS3Server();
    const proxy = await startS3FaultProxy({ target: s3.endpoint, seed, slowAnswerMs: 2000 });
    const redis = await startRedisServer({ appendOnly: true });
    try {
      await s3.createBucket(BUCKET);
      Object.assign(process.env, s3.env, { AWS_ENDPOINT_URL_S3: proxy.endpoint });
      await place.write(
        'shardmill.config.json',
        JSON.stringify({
          redis: { url: redis.url },
          state: { uri: `s3://${BUCKET}/state` },
          worker: { engines: 1, lanes: 1, memoryLimit: '1GiB', grace: '5s', statusPort: 'none' },
          scheduler: { statusPort: 'none' },
          log: { format: 'json' },
        }),
      );
      const { client } = s3;
      const dataset = await storeDataset(place, client, BUCKET, { shards: 300, iterations: 5 });
      const report = await storm({
        seed,
        seconds,
        calmSeconds: 120,
        frozenMs: FROZEN_MS,
        place,
        bucket: BUCKET,
        dataset,
        redis,
        client,
        proxy,
        log,
      });
      for (const [fault, count] of report.fired) log(`${String(count).padStart(6)} ${fault}`);
      expect(report.faults).toEqual([]);
      expect([...report.fired].filter(([, count]) => count === 0)).toEqual([]);
    } finally {
      await redis.close();
      await proxy.close();
      await s3.close();
    }
  },
  (seconds * 2 + 400) * 1000,
);
