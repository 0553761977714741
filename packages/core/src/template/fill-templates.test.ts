import { describe, expect, it } from 'vitest';
import type { TemplateValue } from './evaluate-template.js';
import { fillTemplates, type TemplateScope } from './fill-templates.js';

const VALUES: Readonly<Record<string, TemplateValue>> = {
  ds: { type: 'date', text: '2026-03-31' },
  ds_nodash: { type: 'text', text: '20260331' },
  country: { type: 'text', text: 'AE' },
  // 05:00 in Dubai, 03:00 in Berlin, where clocks had been set forward the day before.
  ts: { type: 'timestamp', text: '2026-03-31T01:00:00Z' },
};

function fill(text: string, zone = 'Asia/Dubai', values = VALUES): string {
  const scope: TemplateScope = { values, zone, absent: () => undefined };
  return fillTemplates(text, scope, 'input.uri', (value) => value);
}

describe('templates of a day', () => {
  it.each([
    ['{{ ds }}', '2026-03-31'],
    ['{{ds}}', '2026-03-31'],
    ['{{ ds - 1d }}', '2026-03-30'],
    ['{{ ds-1d }}', '2026-03-30'],
    ['{{ ds - 1 day }}', '2026-03-30'],
    ['{{ ds + 1 d }}', '2026-04-01'],
    ['{{ ds + 2 weeks }}', '2026-04-14'],
    ['{{ ds - 1 month }}', '2026-02-28'],
    ['{{ ds - 25 months }}', '2024-02-29'],
    ['{{ ds + 1y }}', '2027-03-31'],
    ['{{ ds - 1 month + 1d }}', '2026-03-01'],
    ['{{ ds | yyyyMMdd }}', '20260331'],
    ['{{ ds - 1 month | yyyy/MM }}', '2026/02'],
    ['{{ ds|M-d-yy }}', '3-31-26'],
    ['{{ ds | yyyy-MM-01 }}', '2026-03-01'],
    ['{{ ds | DDD }}', '090'],
    ["{{ ds | yyyy'-Q'Q }}", '2026-Q1'],
    ["{{ ds | YYYY-'W'ww }}", '2026-W14'],
    ['{{ ds | EEE }}', 'Tue'],
    ["{{ ds | 'year='yyyy'/it''s' ''dd }}", "year=2026/it's 'dd".replace("'dd", "'31")],
    ['a/{{ ds - 1d }}/b/{{ ds | dd }}/{{ country }}', 'a/2026-03-30/b/31/AE'],
  ])('%s is %s', (template, text) => {
    expect(fill(template)).toBe(text);
  });

  it('the last day of a month stays in the month, step by step', () => {
    const values = { ds: { type: 'date', text: '2026-01-31' } } as const;
    expect(fill('{{ ds + 1 month }}', 'UTC', values)).toBe('2026-02-28');
    expect(fill('{{ ds + 1 month + 1 month }}', 'UTC', values)).toBe('2026-03-28');
    expect(fill('{{ ds + 2 months }}', 'UTC', values)).toBe('2026-03-31');
  });

  it('the week of a day belongs to the year that its Thursday is in', () => {
    const values = { ds: { type: 'date', text: '2027-01-02' } } as const;
    expect(fill("{{ ds | YYYY-'W'ww }} {{ ds | yyyy }}", 'UTC', values)).toBe('2026-W53 2027');
  });
});

describe('templates of an instant', () => {
  it.each([
    ['{{ ts }}', '2026-03-31T01:00:00Z'],
    ['{{ ts - 90min }}', '2026-03-30T23:30:00Z'],
    ['{{ ts + 30 seconds }}', '2026-03-31T01:00:30Z'],
    ['{{ ts | yyyy-MM-dd HH:mm:ss XXX }}', '2026-03-31 05:00:00 +04:00'],
    ['{{ ts | yyyyMMdd }}', '20260331'],
    ["{{ ts | yyyyMMdd'T'HHmmssSSS }}", '20260331T050000000'],
    ['{{ ts - 2h in UTC | yyyy-MM-dd/HH }}', '2026-03-30/23'],
    ['{{ ts in UTC | H:mXXX }}', '1:0Z'],
    ['{{ ts in America/New_York }}', '2026-03-30T21:00:00-04:00'],
    ['{{ ts in Asia/Kathmandu | HH:mm }}', '06:45'],
  ])('%s is %s', (template, text) => {
    expect(fill(template)).toBe(text);
  });

  it('days are those of the calendar in the zone, hours are elapsed time', () => {
    // Clocks were set forward at 02:00 on 29 March 2026.
    expect(fill('{{ ts - 2d }}', 'Europe/Berlin')).toBe('2026-03-29T01:00:00Z');
    expect(fill('{{ ts - 3d }}', 'Europe/Berlin')).toBe('2026-03-28T02:00:00Z');
    expect(fill('{{ ts - 72h }}', 'Europe/Berlin')).toBe('2026-03-28T01:00:00Z');
  });

  it('an hour that clocks leave out is as much later, one that they show twice is the first', () => {
    const at = (text: string): Record<string, TemplateValue> => ({
      ts: { type: 'timestamp', text },
    });
    const [skipped, doubled] = [at('2026-03-28T01:30:00Z'), at('2026-10-24T00:30:00Z')];
    expect(fill('{{ ts + 1d in Europe/Berlin }}', 'UTC', skipped)).toBe(
      '2026-03-29T03:30:00+02:00',
    );
    expect(fill('{{ ts + 1d in Europe/Berlin }}', 'UTC', doubled)).toBe(
      '2026-10-25T02:30:00+02:00',
    );
  });
});

describe('wrong templates', () => {
  it.each([
    ['{{ ds - 1 }}', '"- 1" has no unit'],
    ['{{ ds - 1m }}', 'write "min" for minutes, "month" for months'],
    ['{{ ds - 1 fortnight }}', '"fortnight" is no unit'],
    ['{{ ds - 1D }}', 'write "d"'],
    ['{{ ds - d }}', '"- d" was not expected after "ds"'],
    ['{{ ds - 1.5d }}', '"- 1" has no unit'],
    ['{{ ds.add(1) }}', '".add(1)" was not expected after "ds"'],
    ["{{ '2026-01-01' }}", 'does not begin with the name of a parameter'],
    ['{{ }}', 'does not begin with the name of a parameter'],
    ['{{ ds | }}', 'no format after the |'],
    ['{{ ds - 1h }}', 'which is a day without a time or a zone'],
    ['{{ ds in UTC }}', 'which is a day without a time or a zone'],
    ['{{ ts in Asia/Dubay }}', '"Asia/Dubay" is no time zone'],
    ['{{ ds | YYYY-MM-dd }}', 'write yyyy'],
    ['{{ ds | yyyy-ww }}', 'write YYYY'],
    ['{{ ds | yyyy-MM-DD }}', 'write dd for the day of the month'],
    ['{{ ds | yyyy/mm }}', 'write MM for the month'],
    ['{{ ds | yyyy HH }}', 'which a date does not have'],
    ['{{ ts | hh }}', 'write HH'],
    ['{{ ds | %Y-%m-%d }}', 'such as yyyy-MM-dd for %Y-%m-%d'],
    ['{{ ds | date }}', '"a" is no field'],
    ["{{ ds | yyyy'x }}", 'a quote is not closed'],
    ['{{ ds - 9999 years }}', 'out of the years 1 to 9999'],
    ['{{ ts - 123456789 h }}', 'out of the calendar'],
    ['{{ country - 1d }}', '"country", which is no date'],
    ['{{ ds_nodash - 1d }}', '"ds_nodash", which is no date'],
    ['in/{{ ds', 'the template "{{ ds" is not closed'],
    ['in/{{ ds }', 'is not closed'],
  ])('%s is refused: %s', (template, message) => {
    expect(() => fill(template)).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_INVALID',
        where: 'input.uri',
        message: expect.stringContaining(message),
        remedy: expect.stringContaining('{{ '),
      }),
    );
  });

  it.each(["{'a': {'b': 1}}", 'MAP {{a: 1}: 2}', "regexp_matches(x, 'a{2}')"])(
    'braces of SQL are no templates: %s',
    (text) => {
      expect(fill(text)).toBe(text);
    },
  );
});
