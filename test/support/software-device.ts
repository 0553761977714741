import { spawnSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/**
 * A device for the `webgpu` provider where there is none: SwiftShader, which computes Vulkan on the
 * processor, for Linux on x64. It has memory of its own, 1 GiB in one piece, and runs out of it.
 * @returns what the environment of a process must have to use it.
 */
export async function softwareDevice(folder: string): Promise<Record<string, string>> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const [root] = entry.split(/[/\\]build[/\\]/);
  const packed = await readFile(path.join(root ?? '', 'bin', 'swiftshader.tar.br'));
  await mkdir(folder, { recursive: true });
  const unpacked = spawnSync('tar', ['-x', '-C', folder], {
    input: await promisify(brotliDecompress)(packed),
    encoding: 'utf8',
  });
  if (unpacked.status !== 0) throw new Error(`tar: ${unpacked.stderr}`);
  return {
    VK_ICD_FILENAMES: path.join(folder, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: folder,
  };
}
