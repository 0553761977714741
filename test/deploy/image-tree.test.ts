import { cp, readdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IMAGE_NODE, ImageTree } from '../support/image-tree.js';
import { inRepository, readRepository } from '../support/repository.js';
import { type ProgramResult, runProgram } from '../support/run-program.js';

const MIB = 2 ** 20;

let tree: ImageTree;
let files: string[] = [];
beforeAll(async () => {
  tree = await ImageTree.make();
  files = await filesIn(tree.app);
}, 10 * 60_000);
afterAll(() => tree.close());

/** Paths of all files below a folder; links are not followed. */
async function filesIn(root: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path.join(root, below), { withFileTypes: true })) {
    const file = path.join(below, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(root, file)));
    else if (entry.isFile()) found.push(file);
  }
  return found;
}

describe('the tree that goes into the images', () => {
  it('reports its version', async () => {
    const file: unknown = JSON.parse(await readRepository('packages', 'cli', 'package.json'));
    const { stdout, stderr } = await tree.shardmill(['--version']);
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(Reflect.get(Object(file), 'version'));
  });

  it('scores the demo job, whose definition is TypeScript, with the expected result', async () => {
    await cp(inRepository('jobs', 'churn'), path.join(tree.folder, 'jobs', 'churn'), {
      recursive: true,
    });
    const { code, stdout, stderr } = await tree.shardmill(['run', 'jobs/churn/job.ts', '--json']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: { read: 7043, scored: 7043, rejected: 0 } });
  });

  it.each(['scheduler', 'worker', 'submit', 'doctor'])('has the command %s', async (command) => {
    const { code, stdout } = await tree.shardmill([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: shardmill ${command}`);
  });

  it('has nothing in it that only development needs', () => {
    const folders = new Set(files.flatMap((file) => file.split(path.sep)));
    for (const name of ['vitest', 'typescript', 'test-kit', 'fast-check', 'turbo', 'biome']) {
      expect(folders, name).not.toContain(name);
    }
    const own = files.filter((file) => /(?:^|@shardmill\/\w+\/)(?:dist|src)\//.test(file));
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((file) => /\.test\.|\/testing\/|\/src\//.test(file))).toEqual([]);
  });

  it('has the native libraries of this platform alone, in less than 250 MiB', async () => {
    const libraries = files.filter((file) => /libonnxruntime\.(?:so|\d.*dylib)/.test(file));
    expect(libraries).toHaveLength(1);
    expect(libraries[0]).toContain(path.join(process.platform, process.arch));
    let bytes = 0;
    for (const file of files) bytes += (await stat(path.join(tree.app, file))).size;
    expect(bytes / MIB).toBeLessThan(250);
  });

  it('is not written over what is there', async () => {
    const again = await tree.makeAgain();
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('exists');
  });
});

describe('the health check of the images', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  async function serve(status: number, text: string): Promise<string> {
    server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 404).end(text);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address() as AddressInfo;
    return String(address.port);
  }

  const check = (role: string, env: Record<string, string>): Promise<ProgramResult> =>
    runProgram(IMAGE_NODE, [inRepository('deploy', 'healthcheck.mjs'), role], { env });

  it('passes where the process is ready', async () => {
    const port = await serve(200, 'ready\n');
    const { code, stdout } = await check('worker', { SHARDMILL_WORKER_STATUS_PORT: port });
    expect(stdout).toBe('ready\n');
    expect(code).toBe(0);
  });

  it('fails with the reason where it is not', async () => {
    const port = await serve(503, 'not ready\nRedis does not answer\n');
    const { code, stdout } = await check('scheduler', { SHARDMILL_SCHEDULER_STATUS_PORT: port });
    expect(stdout).toContain('Redis does not answer');
    expect(code).toBe(1);
  });

  it('fails where nothing answers', async () => {
    const port = await serve(200, '');
    server?.close();
    const { code } = await check('worker', { SHARDMILL_WORKER_STATUS_PORT: port });
    expect(code).not.toBe(0);
  });
});
