import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openFile } from './open-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-open-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it.skipIf(process.platform === 'win32')(
  'starts the program of the system with the file',
  async () => {
    const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
    const shown = path.join(folder, 'shown');
    const script = `#!/bin/sh\nprintf %s "$1" > "${shown}.tmp" && mv "${shown}.tmp" "${shown}"\n`;
    await writeFile(path.join(folder, program), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    const file = path.join(folder, 'a "report"; of.html');
    await openFile(file);
    await vi.waitFor(async () => expect(await readFile(shown, 'utf8')).toBe(file), {
      timeout: 20_000,
    });
  },
);

it('says where the file is when there is no such program', async () => {
  vi.stubEnv('PATH', folder);
  await expect(openFile('/data/report.html')).rejects.toMatchObject({
    code: 'REPORT_NOT_OPENED',
    where: '/data/report.html',
  });
});
