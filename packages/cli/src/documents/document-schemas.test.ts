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
  model: 'aliases name schemaVersion versions',
  models: 'models registry schemaVersion',
  'model-version':
    'aliases at by bytes classes copied externalData inputs irVersion name note opsets outputs producer schemaVersion sha256 source uri version',
  'model-change': 'alias at by changed name previous schemaVersion version',
  'model-history': 'events name schemaVersion',
  'model-diff': 'after before breaks changes same schemaVersion',
  'model-test': 'columns current job other rows schemaVersion tolerance worst',
};
/** One of several forms: each has its own keys. */
const UNIONS = ['model-event'];

describe.each(Object.entries(documentJsonSchemas()))('the JSON Schema of %s', (name, schema) => {
  it('is the published one (`pnpm --filter shardmill run schema` writes it)', () => {
    const file = new URL(`../../schema/${name}.schema.json`, import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema);
  });

  it.skipIf(UNIONS.includes(name))('requires every key that its version had at first', () => {
    const required: unknown = Reflect.get(schema, 'required');
    const first = Reflect.get(VERSION_1, name).split(' ');
    expect(required).toEqual(expect.arrayContaining(first));
  });

  it('allows keys that are added later', () => {
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
  });
});

it('an error is a document of the version, too', () => {
  const document = errorDocument(new ShardmillError('USAGE', 'no job'));
  expect(document).toMatchObject({ schemaVersion: 1, error: { code: 'USAGE', exitCode: 2 } });
});
