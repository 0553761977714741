import type { ModelFile } from '@shardmill/core';

/** A model's file on this machine, and what it holds: another model may come to lie at the path. */
export interface LocalModel {
  readonly path: string;
  /** Digest of the content, its weights included. */
  readonly content: string;
}

/** The model file at a path, distinguished from earlier ones by the digests of all its files. */
export function localModel(
  path: string,
  {
    sha256,
    externalData,
  }: Pick<ModelFile, 'sha256'> & { readonly externalData: readonly ModelFile[] },
): LocalModel {
  return { path, content: [sha256, ...externalData.map((file) => file.sha256)].join(' ') };
}
