import { ShardmillError } from '@shardmill/core';
import { expect, it } from 'vitest';
import { KnownDamage } from './known-damage.js';

const error = new ShardmillError('INPUT_DAMAGED', 'row group 2 cannot be decoded');
const file = (uri: string) => ({ uri, bytes: 1, etag: '', rows: 9, layout: 0, partition: [] });
const shard = { files: [file('/a'), file('/b')] };
const slice = (index: number, firstRowGroup: number, rowGroups: number) => ({
  file: index,
  firstRow: 0,
  rows: 1,
  firstRowGroup,
  rowGroups,
});

it('refuses the parts that read a damaged row group, and no other', () => {
  const known = new KnownDamage();
  known.refuse(shard, { slices: [slice(1, 0, 9)] });
  known.note({ uri: '/b', firstRowGroup: 2, rowGroups: 2, error });
  for (const reading of [slice(1, 2, 1), slice(1, 3, 4), slice(1, 0, 3), slice(1, 0, 9)]) {
    expect(() => known.refuse(shard, { slices: [slice(0, 2, 1), reading] })).toThrow(error);
  }
  for (const other of [slice(0, 2, 1), slice(1, 0, 2), slice(1, 4, 1)]) {
    known.refuse(shard, { slices: [other] });
  }
});
