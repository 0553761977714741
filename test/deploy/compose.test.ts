import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJob } from '@shardmill/core/schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { loadJob } from '@shardmill/client/jobs';
import { RunningCommand } from '../support/command.js';
import { type ComposeService, composeDocument, composeServices } from '../support/compose-file.js';
import { inRepository, readRepository } from '../support/repository.js';

let services: Record<string, ComposeService> = {};
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-compose-'));
  services = await composeServices();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const own = ['scheduler', 'worker', 'shardmill', 'submit'];

function serviceOf(name: string): ComposeService {
  const found = services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
}

describe('the compose file', () => {
  it('is what the schema of compose files allows, and misspelt it is not', async () => {
    // The schema has formats of its own, which the loader knows: `npm run check:deploy` runs it.
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    const schema = await readRepository('test', 'deploy', 'schema', 'compose-spec.json');
    const validate = ajv.compile(Object(JSON.parse(schema)));
    const document = await composeDocument();
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    const worker = { ...serviceOf('worker'), stop_grace: '40s' };
    expect(validate({ services: { worker } })).toBe(false);
    expect(validate.errors).toMatchObject([{ params: { unevaluatedProperty: 'stop_grace' } }]);
  });

  it('has nothing that is filled in from the environment, and names that are there', async () => {
    expect(await readRepository('deploy', 'compose.yaml')).not.toContain('$');
    for (const { depends_on: others, volumes } of Object.values(services)) {
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(others)));
      for (const volume of volumes) {
        const [source = '', target] = volume.split(':');
        if (target === undefined) continue;
        if (source.startsWith('.')) expect(existsSync(inRepository('deploy', source))).toBe(true);
        else expect(await composeDocument()).toHaveProperty(['volumes', source]);
      }
    }
  });

  it('has a fleet: Valkey, an S3 server with the demo in it, a scheduler and two workers', () => {
    expect(new Set(Object.keys(services))).toEqual(new Set([...own, 'demo', 's3', 'valkey']));
    expect(serviceOf('worker')).toMatchObject({ deploy: { replicas: 2 } });
    expect(serviceOf('scheduler').depends_on).toMatchObject({
      valkey: { condition: 'service_healthy' },
      demo: { condition: 'service_completed_successfully' },
    });
  });

  it('has the images of others by version and digest, and builds its own', () => {
    for (const [name, { image, build }] of Object.entries(services)) {
      if (own.includes(name)) expect(['scheduler', 'worker']).toContain(build?.target);
      else expect(image).toMatch(/:(?:\d+\.\d+\.\d+|RELEASE\.[\dTZ-]+)@sha256:[0-9a-f]{64}$/);
    }
  });

  it('has a Valkey that drops nothing and survives a restart', () => {
    const command = serviceOf('valkey').command?.join(' ');
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain('--appendonly yes');
  });

  it('can be reached from this machine alone', () => {
    const ports = Object.values(services).flatMap((each) => each.ports);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('gives workers longer to end than they take to hand back', () => {
    expect(serviceOf('worker').command).toEqual(['worker', '--grace', '25s']);
    expect(serviceOf('worker')).toMatchObject({ stop_grace_period: '40s' });
  });

  it('runs its own containers without rights that they do not need', () => {
    for (const name of own) {
      expect(serviceOf(name)).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  it('names settings and flags that the command line has', async () => {
    const config = await RunningCommand.start(['config', '--json'], folder).ended;
    for (const name of own) {
      const settings = Object.keys(serviceOf(name).environment).filter((key) =>
        key.startsWith('SHARDMILL_'),
      );
      expect(settings.length).toBeGreaterThan(3);
      for (const setting of settings) expect(config.stdout).toContain(`"${setting}"`);
    }
    const help = await RunningCommand.start(['submit', '--help'], folder).ended;
    expect(serviceOf('submit').command).toEqual(['submit', 'churn.yaml', '--wait']);
    expect(help.stdout).toContain('--wait');
  });

  it('submits the demo job of jobs/churn, on object storage', async () => {
    const file = inRepository('deploy', 'demo', 'churn.yaml');
    const job = parseJob(parse(await readRepository('deploy', 'demo', 'churn.yaml')), file);
    const { job: demo } = await loadJob(inRepository('jobs', 'churn', 'job.ts'), '/');
    expect(job.features).toEqual(demo.features);
    expect(job.output.columns).toEqual(demo.output.columns);
    expect(job.model.sha256).toBe(demo.model.sha256);
    const uploads = serviceOf('demo').command?.join('\n') ?? '';
    for (const uri of [job.input.uri, job.model.uri].flat()) {
      expect(uploads).toContain(uri.replace('s3://', 's3/'));
    }
  });
});
