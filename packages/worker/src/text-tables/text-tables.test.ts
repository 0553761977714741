import { encodeModel } from '@shardmill/test-kit';
import { cutTexts, readGraph, type TextCut } from '@shardmill/trees';
import { describe, expect, it } from 'vitest';
import { SyncSession } from '../onnx/sync-session.js';
import { TextDictionary } from './text-dictionary.js';
import { TextTables } from './text-tables.js';

/** An encoder of two texts that refuses what is in no category. */
function refusing(): TextCut {
  const text = (name: string) => ({ name, type: 'string' as const, shape: ['N', 1] });
  const model = encodeModel({
    opset: { '': 20, 'ai.onnx.ml': 3 },
    irVersion: 9,
    graph: {
      name: 'pairs',
      inputs: [text('a'), text('b')],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', 1, 3] }],
      nodes: [
        { op: 'StringConcat', inputs: ['a', 'b'], outputs: ['ab'] },
        {
          op: 'OneHotEncoder',
          domain: 'ai.onnx.ml',
          inputs: ['ab'],
          outputs: ['y'],
          attributes: { cats_strings: { strings: ['xx', 'xy', 'yx'] }, zeros: { int: 0 } },
        },
      ],
    },
  });
  const shapes = ['a', 'b'].map((name) => ({ name, rank: 2 }));
  const cut = cutTexts(readGraph(model), shapes, ['y']);
  if (cut === undefined) throw new Error('it is not cut');
  return cut;
}

describe('tables of combinations of texts', () => {
  it('refuse what an encoder refuses, and nothing of it is left', () => {
    const inputs = new Map(
      ['a', 'b'].map((name) => {
        const dictionary = new TextDictionary();
        return [name, { name, rowShape: [1], dictionary }] as const;
      }),
    );
    const tables = new TextTables(refusing(), inputs, ({ model }) => {
      const session = SyncSession.load(model, 1);
      if (session === undefined) throw new Error('there is no session');
      return session;
    });
    const score = (...pairs: string[]): number[] => {
      const codes = new Map(
        ['a', 'b'].map((name, i) => {
          const dictionary = inputs.get(name)?.dictionary ?? new TextDictionary();
          return [name, dictionary.encodeTexts(pairs.map((pair) => pair[i] ?? ''))] as const;
        }),
      );
      const places = tables.encode(codes).get('y') ?? new Int32Array(0);
      return [...tables.tensor('y', places).data].map(Number);
    };
    expect(score('xy')).toEqual([0, 1, 0]);
    expect(() => score('xx', 'yy')).toThrow('Unknown Category');
    expect([...inputs.values()].map(({ dictionary }) => dictionary.texts)).toEqual([[], []]);
    expect(score('yx', 'xx', 'yx')).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 1]);
    expect(() => score('yy')).toThrow('Unknown Category');
  });
});
