import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ShardmillError } from '@shardmill/core';
import { linearWithWeightsIn, logisticRegression, weightsFile } from '@shardmill/test-kit';
import { withFolder } from '@shardmill/test-kit/parquet';
import { describe, expect, it } from 'vitest';
import { readModelFiles } from './model-files.js';

const invalid = (message: string) => ({
  code: 'MODEL_INVALID',
  message: expect.stringContaining(message),
});

describe('a model that cannot be used', () => {
  it('is described by its size, and by nothing of its content', () =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'secret');
      await writeFile(file, 'the secret');
      const digest = createHash('sha256').update('the secret').digest('hex');
      for (const pinned of [undefined, '0'.repeat(64), digest]) {
        await expect(readModelFiles(file, pinned)).rejects.toMatchObject({
          code: 'MODEL_INVALID',
          message: 'not an ONNX model: a file of 10 bytes',
        });
      }
    }));

  it('is described by its digest where it is a model', () =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'm.onnx');
      await writeFile(file, logisticRegression({ features: 3 }));
      await expect(readModelFiles(file, '0'.repeat(64))).rejects.toMatchObject({
        code: 'MODEL_SHA256_MISMATCH',
      });
    }));
});

describe('weights of their own', () => {
  it('lie below the folder of the model, whatever links lead there', () =>
    withFolder(async (folder) => {
      await mkdir(path.join(folder, 'model', 'below'), { recursive: true });
      const weights = weightsFile(1, 2, 3);
      await writeFile(path.join(folder, 'outside'), weights);
      await writeFile(path.join(folder, 'model', 'below', 'w'), weights);
      await symlink('../outside', path.join(folder, 'model', 'link'));
      await symlink('below/w', path.join(folder, 'model', 'inner'));
      const file = path.join(folder, 'model', 'm.onnx');
      for (const name of ['../outside', path.join(folder, 'outside'), 'link']) {
        await writeFile(file, linearWithWeightsIn(name));
        await expect(readModelFiles(file), name).rejects.toMatchObject(
          invalid("not below the model's folder"),
        );
      }
      for (const name of ['below/w', 'inner']) {
        await writeFile(file, linearWithWeightsIn(name));
        expect((await readModelFiles(file)).externalData).toHaveLength(1);
      }
    }));

  it('may lie beside the file that the model is a link to', () =>
    withFolder(async (folder) => {
      await mkdir(path.join(folder, 'blobs'));
      await mkdir(path.join(folder, 'snapshot'));
      await writeFile(path.join(folder, 'blobs', '1'), linearWithWeightsIn('w'));
      await writeFile(path.join(folder, 'blobs', '2'), weightsFile(1, 2, 3));
      await symlink('../blobs/1', path.join(folder, 'snapshot', 'm.onnx'));
      await symlink('../blobs/2', path.join(folder, 'snapshot', 'w'));
      const found = await readModelFiles(path.join(folder, 'snapshot', 'm.onnx'));
      expect(found.externalData).toHaveLength(1);
    }));

  it('are asked for before they are read', () =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'm.onnx');
      await writeFile(file, linearWithWeightsIn('w'));
      const refusing = async (weights: string): Promise<void> => {
        throw new ShardmillError('LOCATION_FORBIDDEN', weights);
      };
      await expect(readModelFiles(file, undefined, refusing)).rejects.toMatchObject({
        code: 'LOCATION_FORBIDDEN',
        message: path.join(folder, 'w'),
      });
    }));
});
