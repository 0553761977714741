import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inRepository } from '../support/repository.js';
import { type ProgramResult, runProgram } from '../support/run-program.js';

const RENEW = 'run npm run check:deploy -- --write';

/** A copy of what the check reads. */
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-check-'));
  for (const name of ['scripts', 'deploy', 'examples/kubernetes', 'test/deploy']) {
    await cp(inRepository(name), path.join(folder, name), { recursive: true });
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const check = (root: string, args: string[], env = {}): Promise<ProgramResult> =>
  runProgram(process.execPath, [path.join(root, 'scripts', 'check-deploy.mjs'), ...args], { env });

describe('the check of deploy/ by its tools', () => {
  it('passed, and nothing that it read or made changed since then', async () => {
    const { code, stderr } = await check(inRepository(), ['--digests']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it.each([
    'deploy/helm/shardmill/templates/workers.yaml',
    'deploy/helm/shardmill/new.yaml',
    'deploy/compose.yaml',
    'examples/kubernetes/job.yaml',
    'test/deploy/values/all.yaml',
    'test/deploy/tools/helm/go.mod',
    'test/deploy/rendered/least.yaml',
    'test/deploy/schema/compose-spec.json',
  ])('must be repeated after a change of %s', async (file) => {
    await appendFile(path.join(folder, file), '\n');
    const { code, stderr } = await check(folder, ['--digests']);
    expect(code).toBe(1);
    expect(stderr).toContain(`changed since check:deploy: ${file}\n${RENEW}`);
  });

  it('must be repeated after a file went', async () => {
    await rm(path.join(folder, 'deploy/helm/shardmill/templates/podmonitor.yaml'));
    const { code, stderr } = await check(folder, ['--digests']);
    expect(code).toBe(1);
    expect(stderr).toContain('templates/podmonitor.yaml');
  });

  it('says that it needs Go', async () => {
    const { code, stderr } = await check(folder, [], { PATH: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('check:deploy needs Go 1.24 or later');
  });
});
