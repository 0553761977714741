import type { RunReport } from '@shardmill/client/report';
import { version } from '@shardmill/client/version';
import { renderPage, type Section } from './html/page.js';
import { html } from './html/safe-html.js';
import { drift } from './sections/drift.js';
import { evaluations } from './sections/evaluations.js';
import { checks } from './sections/checks.js';
import { challengers } from './sections/challengers.js';
import { features } from './sections/features.js';
import { overTime } from './sections/over-time.js';
import { rejectedRows } from './sections/rejected.js';
import { results } from './sections/results.js';
import { slowest } from './sections/slowest.js';
import { timeByStep } from './sections/steps.js';
import { story } from './sections/story.js';
import { summaryHeader } from './sections/summary.js';
import { whatRan } from './sections/what-ran.js';

const SECTIONS: readonly ((report: RunReport) => Section | undefined)[] = [
  whatRan,
  checks,
  results,
  evaluations,
  challengers,
  features,
  drift,
  rejectedRows,
  overTime,
  timeByStep,
  slowest,
  story,
];

/** A report as one HTML file that loads nothing. */
export function htmlReport(report: RunReport): string {
  return renderPage({
    title: `${report.job.name} ${report.runId}`,
    header: summaryHeader(report),
    sections: SECTIONS.flatMap((section) => section(report) ?? []),
    footer: html`Made by Shardmill ${version()} of what is stored of the run; what is not stored is not shown.`,
  });
}
