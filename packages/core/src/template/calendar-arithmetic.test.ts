import { sql } from '@shardmill/test-kit/parquet';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayText } from '../time/wall-clock.js';
import { timestampText } from '../time/timestamp.js';
import type { TemplateValue } from './evaluate-template.js';
import { fillTemplates } from './fill-templates.js';

/**
 * Dates are moved and written as DuckDB does it, and instants as its ICU does it with its own rules
 * of time zones: neither shares code with what is tested.
 */

const CASES = { numRuns: 4, seed: 20_261_126 } as const;
const CASES_EACH = 400;

const day = fc
  .date({ min: new Date('1000-01-01'), max: new Date('3000-12-31'), noInvalidDate: true })
  .map((date) => dayText(date.getTime()));

const moves = fc
  .tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom('day', 'week', 'month', 'year'))
  .chain(([amount, unit]) => fc.constantFrom(`+ ${amount} ${unit}`, `- ${amount} ${unit}`));

const FORMATS = [
  ['yyyy-MM-dd', '%Y-%m-%d'],
  ['yyyy/MM', '%Y/%m'],
  ['yyMMdd', '%y%m%d'],
  ['d.M.yyyy', '%-d.%-m.%Y'],
  ['yyyy-DDD', '%Y-%j'],
  ["EEE YYYY-'W'ww", '%a %G-W%V'],
] as const;

function fill(template: string, value: TemplateValue, zone: string): string {
  const scope = { values: { x: value }, zone, absent: () => undefined };
  return fillTemplates(template, scope, 'test', (text) => text);
}

async function texts(expressions: readonly string[], setup = ''): Promise<unknown[]> {
  const rows = expressions.map((text, i) => `SELECT ${i} AS i, ${text} AS text`);
  const found = await sql(`${setup}SELECT text FROM (${rows.join(' UNION ALL ')}) ORDER BY i`);
  return found.map((row) => row['text']);
}

it('moves and writes days as DuckDB does', async () => {
  const item = fc.record({
    text: day,
    move: moves,
    second: moves,
    format: fc.constantFrom(...FORMATS),
  });
  const many = fc.array(item, { minLength: CASES_EACH, maxLength: CASES_EACH });
  await fc.assert(
    fc.asyncProperty(many, async (items) => {
      const ours = items.map(({ text, move, second, format: [format] }) =>
        fill(`{{ x ${move} ${second} | ${format} }}`, { type: 'date', text }, 'UTC'),
      );
      const theirs = items.map(({ text, move, second, format: [, format] }) => {
        const moved = [move, second].reduce((date, step) => {
          const [sign = '', amount = '', unit = ''] = step.split(' ');
          return `(${date} ${sign} INTERVAL '${amount} ${unit}')::DATE`;
        }, `DATE '${text}'`);
        return `strftime(${moved}, '${format}')`;
      });
      expect(ours).toEqual(await texts(theirs));
    }),
    CASES,
  );
});

/** With half and quarter hours, both hemispheres, and changes of their rules. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Apia',
  'Africa/Casablanca',
] as const;

it('writes instants in a time zone as ICU does', async () => {
  const item = fc.record({
    at: fc.date({
      min: new Date('1975-01-01'),
      max: new Date('2025-12-31'),
      noInvalidDate: true,
    }),
    zone: fc.constantFrom(...ZONES),
  });
  const many = fc.array(item, { minLength: CASES_EACH, maxLength: CASES_EACH });
  await fc.assert(
    fc.asyncProperty(many, async (items) => {
      const ours = items.map(({ at, zone }) => {
        const value = { type: 'timestamp', text: timestampText(at.getTime()) } as const;
        return fill('{{ x | yyyy-MM-dd HH:mm:ss.SSS }}', value, zone);
      });
      const theirs = items.map(
        ({ at, zone }) =>
          `strftime(timezone('${zone}', TIMESTAMPTZ '${at.toISOString()}'), '%Y-%m-%d %H:%M:%S.%g')`,
      );
      expect(ours).toEqual(await texts(theirs));
    }),
    CASES,
  );
});

it('moves instants by days and months in a time zone as ICU does', async () => {
  // Within the years of which rules are known and the same everywhere: not yet of the next ones.
  const move = fc
    .constantFrom(['day', 7000] as const, ['week', 1000] as const, ['month', 240] as const)
    .chain(([unit, most]) =>
      fc.integer({ min: -most, max: most }).map((amount) => ({
        unit,
        amount: Math.abs(amount),
        sign: amount < 0 ? '-' : '+',
      })),
    );
  const from = fc
    .date({ min: new Date('1996-01-01'), max: new Date('2004-12-31'), noInvalidDate: true })
    .map((date) => dayText(date.getTime()));
  // ICU counts days as 24 hours: the day that Apia left out in 2011 makes a difference there.
  for (const zone of ZONES.filter((name) => name !== 'Pacific/Apia')) {
    const item = fc.record({ from, move });
    const items = fc.sample(item, { numRuns: CASES_EACH, seed: CASES.seed });
    // Noon is neither left out nor shown twice anywhere: there the rules differ.
    const noon = (day: string): string => `TIMESTAMPTZ '${day} 12:00:00'`;
    const setup = `SET TimeZone = '${zone}'; `;
    const instants = await texts(
      items.map((one) => `epoch_ms(${noon(one.from)})`),
      setup,
    );
    const ours = items.map(({ move: { sign, amount, unit } }, i) => {
      const value = { type: 'timestamp', text: timestampText(Number(instants[i])) } as const;
      return Date.parse(fill(`{{ x ${sign} ${amount} ${unit} }}`, value, zone));
    });
    const theirs = await texts(
      items.map(
        (one) =>
          `epoch_ms(${noon(one.from)} ${one.move.sign} INTERVAL '${one.move.amount} ${one.move.unit}')`,
      ),
      setup,
    );
    expect(ours).toEqual(theirs.map(Number));
  }
});
