import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionProvider } from '@shardmill/core';

const NVIDIA = '/proc/driver/nvidia/gpus';

/**
 * What kind of device a provider computes on here, as far as can be found out: the models of the
 * NVIDIA devices that the driver shows, the processor and its cores, else the machine.
 * @param folder where the driver shows them.
 */
export async function deviceKey(
  provider: ExecutionProvider,
  folder: string = NVIDIA,
): Promise<string> {
  if (provider === 'cpu') return `${os.cpus()[0]?.model ?? ''} x ${os.availableParallelism()}`;
  const nvidia = provider === 'cuda' || provider === 'tensorrt' ? await nvidiaModels(folder) : [];
  return nvidia.length > 0 ? nvidia.join(' + ') : os.hostname();
}

async function nvidiaModels(folder: string): Promise<string[]> {
  const models: string[] = [];
  try {
    for (const device of await readdir(folder)) {
      const text = await readFile(path.join(folder, device, 'information'), 'utf8');
      const model = /^Model:\s*(.+?)\s*$/m.exec(text)?.[1];
      if (model !== undefined) models.push(model);
    }
  } catch {
    // No such driver, or one that does not show its devices in this container.
  }
  return models.toSorted();
}
