import { identity, logisticRegression, ProtobufWriter } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { readOnnxFile } from './onnx-file.js';

describe('an ONNX file', () => {
  it('states its version, producer and opsets', () => {
    expect(readOnnxFile(logisticRegression({ features: 3 }))).toMatchObject({
      irVersion: 8,
      producer: 'shardmill-test-kit',
      opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
      externalFiles: [],
      metadata: {},
      operators: ['Gemm', 'Sigmoid'],
      zipMaps: {},
    });
  });

  it('states the metadata that its exporter wrote', () => {
    const entry = new ProtobufWriter().string(1, 'feature_names').string(2, '["a", "b"]');
    const graph = new ProtobufWriter().string(2, 'g');
    const model = new ProtobufWriter().varint(1, 8).message(7, graph).message(14, entry).finish();
    expect(readOnnxFile(model)?.metadata).toEqual({ feature_names: '["a", "b"]' });
  });

  it('names the files that hold its weights', () => {
    // TensorProto.external_data: entries of key and value.
    const entry = (key: string, value: string): ProtobufWriter =>
      new ProtobufWriter().string(1, key).string(2, value);
    const tensor = new ProtobufWriter()
      .message(13, entry('location', 'weights.bin'))
      .message(13, entry('offset', '4096'));
    const graph = new ProtobufWriter().message(5, tensor).message(5, tensor);
    const model = new ProtobufWriter().varint(1, 8).message(7, graph).finish();
    expect(readOnnxFile(model)?.externalFiles).toEqual(['weights.bin']);
  });

  it('is none where it is empty, cut off, or something else', () => {
    const whole = identity({ type: 'float32' });
    expect(readOnnxFile(new Uint8Array())).toBeUndefined();
    expect(readOnnxFile(whole.subarray(0, whole.length / 2))).toBeUndefined();
    expect(readOnnxFile(new TextEncoder().encode('PAR1 and more text'))).toBeUndefined();
    expect(readOnnxFile(new ProtobufWriter().varint(1, 8).finish())).toBeUndefined();
  });
});
