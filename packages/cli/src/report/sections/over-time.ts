import type { RunReport, Throughput } from '@shardmill/client/report';
import { formatCount, formatDuration, formatRate, plural } from '../../ui/text/format.js';
import { periodStrip } from '../charts/bar-chart.js';
import { type Point, timeChart } from '../charts/time-chart.js';
import type { Section } from '../html/page.js';
import { html, NOTHING, type SafeHtml } from '../html/safe-html.js';

const MAX_WORKERS = 24;

/** Of fewer parts a curve would be a guess. */
export const MIN_PARTS = 4;

/** Rows and rows per second over the time of the run, and which worker worked when. */
export function overTime({ throughput, workers }: RunReport): Section {
  const content = html`${throughput === null ? NO_TIMES : course(throughput)}${workerList(workers)}`;
  return { id: 'over-time', title: 'Rows over time', content };
}

const NO_TIMES = html`<p>No part has times: none is done, or a version that noted none made them.</p>`;

function course(throughput: Throughput): SafeHtml {
  const { parts, rows } = throughput;
  if (parts >= MIN_PARTS) return charts(throughput);
  return html`<p>${plural(rows, 'row')} in ${plural(parts, 'part')} took ${formatDuration(lengthOf(throughput))}, from ${throughput.from}. A curve needs at least ${MIN_PARTS} parts.</p>`;
}

function charts(throughput: Throughput): SafeHtml {
  const { rows, untimedRows } = throughput;
  const totalMs = lengthOf(throughput);
  const { done, rates, fastest } = curvesOf(throughput);
  const mean = rows / (Math.max(totalMs, 1) / 1000);
  const time = formatDuration(totalMs);
  return html`<figure><figcaption>Rows done <small>${formatCount(rows)} rows in ${time}, from ${throughput.from}</small></figcaption>
${timeChart({
  id: 'chart-rows',
  description: `Rows done over time: 0 at the start, ${formatCount(rows)} after ${time}.`,
  totalMs,
  steps: false,
  series: [done],
  format: shortCount,
})}</figure>
<figure><figcaption>Rows per second <small>${formatRate(mean)} in the mean, ${formatRate(fastest)} at most</small></figcaption>
${timeChart({
  id: 'chart-rate',
  description: `Rows per second over ${time}: ${formatRate(mean)} in the mean, ${formatRate(fastest)} at most.`,
  totalMs,
  steps: true,
  series: [rates],
  format: shortCount,
})}</figure>
<p class="note">Each part's rows are spread evenly over the time that it took.${
    untimedRows === 0
      ? ''
      : ` ${plural(untimedRows, 'row')} of parts that an earlier attempt had made are not in it: when that was is not stored.`
  }</p>`;
}

/** Points of both charts, as milliseconds after the start. */
export function curvesOf(throughput: Throughput): {
  readonly done: Point[];
  readonly rates: Point[];
  readonly fastest: number;
} {
  const { bins, binSeconds } = throughput;
  const binMs = binSeconds * 1000;
  const done: Point[] = [{ ms: 0, value: 0 }];
  const rates: Point[] = [];
  let sum = 0;
  for (const [index, rows] of bins.entries()) {
    sum += rows;
    done.push({ ms: (index + 1) * binMs, value: sum });
    rates.push({ ms: index * binMs, value: rows / binSeconds });
  }
  rates.push({ ms: bins.length * binMs, value: rates.at(-1)?.value ?? 0 });
  return { done, rates, fastest: Math.max(0, ...rates.map(({ value }) => value)) };
}

function workerList(workers: RunReport['workers']): SafeHtml {
  if (workers.length === 0) return NOTHING;
  const times = workers.flatMap(({ busy }) => busy.flat().map((at) => Date.parse(at)));
  const start = times.reduce((least, at) => Math.min(least, at), Infinity);
  const end = times.reduce((most, at) => Math.max(most, at), -Infinity);
  const percent = (at: string): number =>
    ((Date.parse(at) - start) / Math.max(end - start, 1)) * 100;
  const more = workers.length - MAX_WORKERS;
  return html`<h3>Workers</h3>
<p class="note">When each had a shard that it then finished, over ${formatDuration(end - start)}.</p>
<ul class="list">${workers.slice(0, MAX_WORKERS).map(
    ({ worker, shards, rows, busySeconds, busy }, index) =>
      html`<li><p><code>${worker}</code> <span class="soft">${plural(shards, 'shard')}, ${plural(rows, 'row')}, ${formatDuration(busySeconds * 1000)}</span></p>${periodStrip(
        `worker-${index}`,
        `${worker} worked for ${formatDuration(busySeconds * 1000)}, in ${plural(busy.length, 'stretch', 'stretches')}.`,
        busy.map(([a, b]) => ({ fromPercent: percent(a), toPercent: percent(b) })),
      )}</li>`,
  )}</ul>
${more > 0 ? html`<p class="note">And ${formatCount(more)} more, which did fewer rows.</p>` : ''}`;
}

const lengthOf = ({ from, to }: Throughput): number => Date.parse(to) - Date.parse(from);

/** `0`, `250`, `1.5k`, `20k`, `3M`: for an axis. */
export function shortCount(value: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Number(value.toPrecision(3)));
}
