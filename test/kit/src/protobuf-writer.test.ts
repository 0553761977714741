import { expect, test } from 'vitest';
import { ProtobufWriter } from './protobuf-writer.js';

const bytesOf = (writer: ProtobufWriter) => [...writer.finish()];

test.each([
  [0, [0x08, 0x00]],
  [1, [0x08, 0x01]],
  [127, [0x08, 0x7f]],
  [128, [0x08, 0x80, 0x01]],
  [150, [0x08, 0x96, 0x01]],
  [2 ** 32, [0x08, 0x80, 0x80, 0x80, 0x80, 0x10]],
  [Number.MAX_SAFE_INTEGER, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  [2n ** 62n, [0x08, ...Array<number>(8).fill(0x80), 0x40]],
  [-1, [0x08, ...Array<number>(9).fill(0xff), 0x01]],
  [-(2n ** 63n), [0x08, ...Array<number>(9).fill(0x80), 0x01]],
])('writes the varint %s', (value, expected) => {
  expect(bytesOf(new ProtobufWriter().varint(1, value))).toEqual(expected);
});

test.each([0.5, -1.5, Number.NaN, 2 ** 53])('refuses %s as a varint', (value) => {
  expect(() => new ProtobufWriter().varint(1, value)).toThrow(RangeError);
});

test('writes field numbers above 15 in two bytes', () => {
  expect(bytesOf(new ProtobufWriter().varint(20, 2))).toEqual([0xa0, 0x01, 0x02]);
});

test('writes floats in little-endian single precision', () => {
  expect(bytesOf(new ProtobufWriter().float(2, -2))).toEqual([0x15, 0x00, 0x00, 0x00, 0xc0]);
});

test('writes strings as UTF-8 with their length in bytes', () => {
  expect(bytesOf(new ProtobufWriter().string(2, 'ë'))).toEqual([0x12, 0x02, 0xc3, 0xab]);
});

test('writes nested messages and packed lists with their length', () => {
  const inner = new ProtobufWriter().packedVarints(1, [3, 270n]).packedFloats(2, [1]);
  const expected = [0x0a, 0x03, 0x03, 0x8e, 0x02, 0x12, 0x04, 0x00, 0x00, 0x80, 0x3f];
  expect(bytesOf(inner)).toEqual(expected);
  const outer = new ProtobufWriter().message(3, inner).varint(1, 1);
  expect(bytesOf(outer)).toEqual([0x1a, expected.length, ...expected, 0x08, 0x01]);
});

test('grows past its first buffer', () => {
  const text = 'x'.repeat(1000);
  const bytes = new ProtobufWriter().string(1, 'a').string(1, text).finish();
  expect(bytes.length).toBe(3 + 3 + 1000);
  expect(new TextDecoder().decode(bytes.subarray(6))).toBe(text);
});
