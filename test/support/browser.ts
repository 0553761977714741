import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

/** Not those of the package, which are for a machine that serves one page: one process, without web security. */
const ARGUMENTS = ['--no-sandbox', '--headless=shell', '--disable-gpu', '--no-zygote'];

/**
 * Chromium for Linux on x64, with fonts of its own, so that text has a size on a machine without
 * any. It is unpacked into a folder of the caller's, which takes two seconds.
 */
export async function openBrowser(folder: string): Promise<Browser> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const [root = ''] = entry.split(/[/\\]build[/\\]/);
  const unpack = async (name: string): Promise<Buffer> =>
    promisify(brotliDecompress)(await readFile(path.join(root, 'bin', name)));
  await mkdir(folder, { recursive: true });
  const executablePath = path.join(folder, 'chromium');
  await writeFile(executablePath, await unpack('chromium.br'), { mode: 0o700 });
  const tar = spawnSync('tar', ['-x', '-C', folder], {
    input: await unpack('fonts.tar.br'),
    encoding: 'utf8',
  });
  if (tar.status !== 0) throw new Error(`tar: ${tar.stderr}`);
  const env = { ...process.env, FONTCONFIG_PATH: folder, HOME: folder };
  return chromium.launch({ executablePath, args: ARGUMENTS, env, timeout: 120_000 });
}
