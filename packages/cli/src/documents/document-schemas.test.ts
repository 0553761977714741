import { readFileSync } from 'node:fs';
import { documentJsonSchemas } from '@shardmill/client/document-schemas';
import { ShardmillError } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { errorDocument } from '../ui/error-report.js';

/** Keys that version 1 has had from its beginning: programs count on them. */
const VERSION_1 = {
  run: 'alreadyFinished bytes elapsedMs job manifest model output parts rejected resumed rows rowsResumed runId schemaVersion statistics',
  submission: 'attached job key output phase run schemaVersion',
  status:
    'at endedAt error failures failuresAt inputWait job key memory notice output planRun pool redis retries round rowsDone rowsFiltered rowsPlanned rowsRejected rowsScored run schemaVersion seen shards state submittedAt submittedBy waiting workers',
  error: 'error schemaVersion',
  manifest:
    'bytes createdAt finishedAt format job model parts planDigest rejected rejectedBudget rows runId schema seconds statistics versions',
  profile: 'features format job model outputs planDigest runId',
  drift: 'baseline columns format planDigest runId severity',
  model: 'aliases name schemaVersion versions',
  models: 'models registry schemaVersion',
  'model-version':
    'aliases at by bytes classes copied externalData inputs irVersion name note opsets outputs producer schemaVersion sha256 source uri version',
  'model-change': 'alias at by changed name previous schemaVersion version',
  'model-history': 'events name schemaVersion',
  'model-diff': 'after before breaks changes same schemaVersion',
  'model-test': 'columns current job other rows schemaVersion tolerance worst',
  evaluation:
    'evaluatedAt id job labels model output positive rows runId schemaVersion scores task',
  report:
    'checks columns done error events finishedAt inputs job mode model notices output planDigest planned plannedAt profile rejected rejectedBudget resumed retried rows runId schemaVersion slowestParts slowestShards state steps submission throughput usage versions wallSeconds workers',
};
/** One of several forms: each has its own keys. */
const UNIONS = ['model-event'];

describe.each(Object.entries(documentJsonSchemas()))('the JSON Schema of %s', (name, schema) => {
  it('is the published one (`pnpm --filter shardmill run schema` writes it)', () => {
    const file = new URL(`../../schema/${name}.schema.json`, import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema);
  });

  it('allows keys that are added later', () => {
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
  });
});

it.each(Object.entries(VERSION_1))(
  'the JSON Schema of %s requires every key that its version had at first',
  (name, keys) => {
    const required: unknown = Reflect.get(Reflect.get(documentJsonSchemas(), name), 'required');
    expect(required).toEqual(expect.arrayContaining(keys.split(' ')));
  },
);

it('every document but those of several forms has keys that are counted on', () => {
  const names = Object.keys(documentJsonSchemas()).filter((name) => !UNIONS.includes(name));
  expect(Object.keys(VERSION_1).toSorted()).toEqual(names.toSorted());
});

it('an error is a document of the version, too', () => {
  const document = errorDocument(new ShardmillError('USAGE', 'no job'));
  expect(document).toMatchObject({ schemaVersion: 1, error: { code: 'USAGE', exitCode: 2 } });
});
