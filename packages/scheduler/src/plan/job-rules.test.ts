import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { checkFiles, checkRules } from './job-rules.js';

/** The locations whose region is requested for a job with three locations in three buckets. */
async function check(regions: readonly string[], allow: object = {}): Promise<string[]> {
  const requested: string[] = [];
  const job = jobOf({
    input: { uri: ['s3://in/data', '/data'] },
    model: { uri: 's3://models/m.onnx' },
    output: { uri: 's3://out/x', columns: { score: 'score' } },
  });
  await checkRules({ allow: { regions, ...allow } }, job, '/job.yaml', {
    regionOf: async (location) => {
      requested.push(location);
      return location.startsWith('s3://out') ? 'us-east-1' : 'eu-central-1';
    },
  });
  return requested;
}

describe('the regions that a job may use', () => {
  it('are those of its input, its model and its output', async () => {
    expect(await check(['eu-*', 'us-*'])).toEqual([
      's3://in/data',
      's3://models/m.onnx',
      's3://out/x',
    ]);
    await expect(check(['eu-*'])).rejects.toMatchObject({
      code: 'LOCATION_FORBIDDEN',
      where: 's3://out/x',
    });
    await expect(check(['us-*'])).rejects.toMatchObject({ where: 's3://in/data' });
  });

  it('are those of images that the data names, too, and so are the locations', async () => {
    const job = jobOf({ features: { x: { image: 'photo', from: 's3://photos/shop' } } });
    const regionOf = async (location: string): Promise<string> =>
      location.startsWith('s3://photos') ? 'us-1' : 'eu-1';
    const forbidden = { code: 'LOCATION_FORBIDDEN', where: 's3://photos/shop' };
    for (const allow of [{ regions: ['eu-*'] }, { inputs: ['/', 's3://photos/other'] }]) {
      await expect(checkRules({ allow }, job, '/job.yaml', { regionOf })).rejects.toMatchObject(
        forbidden,
      );
    }
    await checkRules({ allow: { inputs: ['/', 's3://photos'] } }, job, '/job.yaml', { regionOf });
  });

  it('are not requested where a location is refused by its name', async () => {
    await expect(check(['*'], { outputs: ['s3://other'] })).rejects.toThrow('allow.outputs');
  });
});

const NO_REGION = { regionOf: async () => undefined };

it('a model has to be pinned where that is demanded', async () => {
  const rules = { requireSha256: true };
  const pinned = jobOf({ model: { uri: 'm.onnx', sha256: '0'.repeat(64) } });
  await checkRules(rules, pinned, '/job.yaml', NO_REGION);
  await checkRules({}, jobOf(), '/job.yaml', NO_REGION);
  await expect(checkRules(rules, jobOf(), '/job.yaml', NO_REGION)).rejects.toMatchObject({
    code: 'MODEL_SHA256_MISSING',
  });
});

it('files that were found are held against the rules, too: links may have led elsewhere', async () => {
  const files = ['/allowed/a', '/other/b'].map((uri) => ({
    uri,
    bytes: 1,
    etag: '',
    partition: [],
  }));
  await checkFiles({}, jobOf(), { files });
  await checkFiles({ allow: { inputs: ['/allowed', '/other'] } }, jobOf(), { files });
  await expect(
    checkFiles({ allow: { inputs: ['/allowed'] } }, jobOf(), { files }),
  ).rejects.toMatchObject({ code: 'LOCATION_FORBIDDEN', where: '/other/b' });
});
