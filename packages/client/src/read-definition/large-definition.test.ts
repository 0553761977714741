import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDefinition } from './read-definition.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-definition-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(['json', 'yaml', 'mjs'])('a definition over 1 MB is refused unread: %s', async (ending) => {
  const file = path.join(folder, `job.${ending}`);
  await writeFile(file, ' '.repeat(2 ** 20 + 1));
  await expect(readDefinition(file)).rejects.toMatchObject({ code: 'JOB_TOO_LARGE', where: file });
});
