import { encodeModel } from '@shardmill/test-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float } from '../support/float-tensor.js';
import { score, WAYS } from '../support/scoring-ways.js';
import { useWorkplace } from '../support/workplace.js';
import { writeNamed } from '../support/write-named.js';

const place = useWorkplace();

/** Whatever a column may be called. */
const NAMES = [
  'a',
  'A',
  'b',
  'B',
  'É',
  'é',
  'ß',
  'K',
  '\u212A',
  'İ',
  'constructor',
  'toString',
  'valueOf',
  '__proto__',
  'file_row_number',
  'File_Row_Number',
  'file_index',
  'filename',
  'rowid',
  'input',
  'model',
  'Model',
  '_shardmill_key',
  '_shardmill_column_0',
  '_shardmill_output_0',
  'c0',
  'C0',
  'A_1',
  'a_1',
  'col0',
  'select',
  '1',
  '2',
  '10',
  ' ',
  ' a',
  'a b',
  'a.b',
  'a"b',
  "a'b",
  'a, b',
  '[1]',
  'a\nb',
  '\uFEFFa',
  '日本',
  '🎉',
  'element',
  'list',
  '_file',
  '_reason',
  'x',
  'X',
  'results_0_0',
  '$1',
  '?',
  '*',
  '%',
  '--',
  '/*',
  '',
] as const;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe('any names', () => {
  const distinct = (count: number) =>
    fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: count, maxLength: count });

  it('give the right scores, or a refusal that says why', async () => {
    let run = 0;
    let scored = 0;
    await fc.assert(
      fc.asyncProperty(
        distinct(5),
        distinct(4),
        distinct(3),
        fc.constantFrom(...WAYS),
        async (columns, tensors, outputs, way) => {
          const folder = `run-${run++}`;
          await writeNamed(
            place,
            `${folder}/in/data.parquet`,
            columns.map((name, index) => [name, `(i * 100 + ${index})::FLOAT`] as const),
            3,
          );
          // A tensor of ONNX without a name is none.
          const [first = '', second = '', third = '', fourth = ''] = tensors;
          if (tensors.some((name) => name === '')) return;
          const named = columns.filter((name) => name !== '');
          const [p = '', q = ''] = named;
          await place.write(
            `${folder}/model.onnx`,
            encodeModel({
              graph: {
                name: 'any',
                inputs: [float(first), float(second)],
                outputs: [float(third), float(fourth)],
                nodes: [
                  { op: 'Identity', inputs: [first], outputs: [third] },
                  { op: 'Identity', inputs: [second], outputs: [fourth] },
                ],
              },
            }),
          );
          const [one = '', two = '', three = ''] = outputs;
          const entries = [
            [one, `model.${quote(third)}`],
            [two, `model.${quote(fourth)}`],
            [three, `input.${quote(q)}`],
          ] as const;
          const result: unknown = await score(
            place,
            {
              input: { uri: `${folder}/in`, where: `input.${quote(p)} < 200` },
              model: { uri: `${folder}/model.onnx` },
              features: Object.fromEntries([
                [first, `input.${quote(p)}`],
                [second, quote(q)],
              ]),
              output: { uri: `${folder}/out`, columns: Object.fromEntries(entries) },
            },
            way,
          ).catch((error: unknown) => error);
          const place1 = JSON.stringify({ columns, tensors, outputs });
          if (result instanceof Error) {
            const code: unknown = Reflect.get(result, 'code');
            const why = `${place1} ${String(code)}: ${result.message}`;
            const proto = [...tensors, ...outputs].includes('__proto__');
            const folded = outputs.map((name) => name.replaceAll(/[A-Z]/g, (l) => l.toLowerCase()));
            const expected =
              proto || outputs.includes('') || new Set(folded).size < 3
                ? ['JOB_INVALID', 'MODEL_INVALID', 'EXPRESSION_AMBIGUOUS']
                : ['EXPRESSION_AMBIGUOUS'];
            expect(expected, why).toContain(code);
            // Otherwise only a name that is both a column and a table can mean two things.
            if (expected.length === 1) {
              expect(
                [...columns, ...tensors].some((n) => /^(input|model)$/i.test(n)),
                why,
              ).toBe(true);
            }
            return;
          }
          scored++;
          const list = [one, two, three].map((name, i) => `${quote(name)} AS c${i}`).join(', ');
          const at = (name: string): number => columns.indexOf(name as never);
          expect(await place.results(list, `${folder}/out`), place1).toEqual(
            [0, 1].map((i) => ({
              c0: i * 100 + at(p),
              c1: i * 100 + at(q),
              c2: i * 100 + at(q),
            })),
          );
        },
      ),
      { numRuns: 50, seed: 7 },
    );
    // Most of them are no reason to refuse anything.
    expect(scored).toBeGreaterThan(25);
  }, 180_000);
});
