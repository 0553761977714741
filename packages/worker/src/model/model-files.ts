import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  isErrno,
  type ModelFile,
  NotRegularFile,
  readRegularFile,
  readRegularPieces,
  ShardmillError,
  storageError,
} from '@shardmill/core';
import type { OnnxModel } from '../onnx-graph/onnx-graph.js';
import { readOnnxGraph } from '../onnx-graph/read-onnx-graph.js';
import { requireBelowModel } from './model-folder.js';
import { type OnnxFileInfo, readOnnxFile } from './onnx-file.js';

/** The files of a model with their digests, as the plan pins them. */
export interface ModelFiles extends ModelFile {
  readonly externalData: ModelFile[];
  /** `graph` is undefined where it cannot be read by itself. */
  readonly info: OnnxFileInfo & { readonly graph: OnnxModel | undefined };
}

/**
 * Reads what a model file says of itself and hashes it with its external data.
 * @param mayRead is asked for each file of external data before it is opened, and throws where not.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, MODEL_SHA256_MISMATCH, what `mayRead` throws
 */
export async function readModelFiles(
  modelPath: string,
  sha256?: string,
  mayRead: (file: string) => Promise<void> = async () => {},
): Promise<ModelFiles> {
  const bytes = await readModel(modelPath);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const info = readOnnxFile(bytes);
  // Nothing is said of the content of what is no model: the submitter who names it may not be
  // allowed to read it.
  if (info === undefined) {
    throw new ShardmillError(
      'MODEL_INVALID',
      `not an ONNX model: a file of ${bytes.length} bytes`,
      {
        where: modelPath,
      },
    );
  }
  if (sha256 !== undefined && sha256.toLowerCase() !== digest) {
    throw new ShardmillError(
      'MODEL_SHA256_MISMATCH',
      `the file has SHA-256 ${digest}; the job pins ${sha256.toLowerCase()}`,
      { where: modelPath },
    );
  }
  const externalData: ModelFile[] = [];
  for (const location of info.externalFiles) {
    const file = path.resolve(path.dirname(modelPath), location);
    await requireBelowModel(file, location, modelPath);
    await mayRead(file);
    externalData.push(
      await hashModelFile(file).catch((error: unknown) => {
        throw aboutWeights(error, location);
      }),
    );
  }
  const graph = readOnnxGraph(bytes);
  return {
    uri: modelPath,
    sha256: digest,
    bytes: bytes.length,
    externalData,
    info: { ...info, graph },
  };
}

/** @throws MODEL_CHANGED where a file is not the one that the plan pinned. */
export async function verifyModelFiles(
  pinned: ModelFile & { readonly externalData: readonly ModelFile[] },
): Promise<void> {
  for (const file of [pinned, ...pinned.externalData]) {
    const now = await hashModelFile(file.uri);
    if (now.sha256 !== file.sha256) {
      throw new ShardmillError(
        'MODEL_CHANGED',
        `planned with SHA-256 ${file.sha256}, now ${now.sha256}`,
        { where: file.uri },
      );
    }
  }
}

async function readModel(modelPath: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(modelPath);
  } catch (error) {
    throw notFound(error, modelPath);
  }
}

/** Size and SHA-256 of one file of a model. @throws MODEL_NOT_FOUND */
export async function hashModelFile(file: string): Promise<ModelFile> {
  const hash = createHash('sha256');
  try {
    let bytes = 0;
    for await (const piece of readRegularPieces(file)) {
      hash.update(piece);
      bytes += piece.length;
    }
    return { uri: file, sha256: hash.digest('hex'), bytes };
  } catch (error) {
    throw notFound(error, file);
  }
}

/** What was thrown about a file of weights, with what to do about that file. */
export function aboutWeights(thrown: unknown, location: string): unknown {
  if (!(thrown instanceof ShardmillError) || thrown.code !== 'MODEL_NOT_FOUND') return thrown;
  const message = `the model's weights are a file of their own, "${location}", which is not there`;
  return new ShardmillError('MODEL_NOT_FOUND', message, {
    where: thrown.where,
    remedy: `Put "${location}" beside the model, as it was exported; or export the model as one file (onnx.save(model, path, save_as_external_data=False)).`,
    cause: thrown,
  });
}

function notFound(error: unknown, file: string): ShardmillError {
  if (isErrno(error, 'ENOENT', 'ENOTDIR')) {
    return new ShardmillError('MODEL_NOT_FOUND', 'there is no such file', { where: file });
  }
  if (error instanceof NotRegularFile) {
    return new ShardmillError('MODEL_INVALID', error.message, { where: file });
  }
  return storageError(error, file, 'read');
}
