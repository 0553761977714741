import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceKey } from './device-key.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-devices-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file as the NVIDIA driver shows it under /proc/driver/nvidia/gpus. */
async function addDevice(address: string, model: string): Promise<void> {
  await mkdir(path.join(folder, address));
  const text = `Model: \t\t ${model}\nIRQ:   \t\t 0\nGPU UUID: \t GPU-1b2c\nBus Type: \t PCIe\n`;
  await writeFile(path.join(folder, address, 'information'), text);
}

describe('the kind of a device', () => {
  it('is the model of the NVIDIA devices, in whatever order the driver shows them', async () => {
    await addDevice('0000:8a:00.0', 'NVIDIA L4');
    await addDevice('0000:1b:00.0', 'NVIDIA H100 80GB HBM3');
    expect(await deviceKey('cuda', folder)).toBe('NVIDIA H100 80GB HBM3 + NVIDIA L4');
    expect(await deviceKey('tensorrt', folder)).toBe('NVIDIA H100 80GB HBM3 + NVIDIA L4');
  });

  it('is the machine where the driver shows none, or the provider may use another', async () => {
    expect(await deviceKey('cuda', path.join(folder, 'none'))).toBe(os.hostname());
    await addDevice('0000:1b:00.0', 'NVIDIA H100 80GB HBM3');
    expect(await deviceKey('webgpu', folder)).toBe(os.hostname());
  });
});
