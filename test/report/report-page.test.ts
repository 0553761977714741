import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { compareHtml } from '../../packages/cli/src/report/compare/compare-html.js';
import { htmlReport } from '../../packages/cli/src/report/html-report.js';
import {
  hostileReport,
  laterReport,
  sampleReport,
} from '../../packages/cli/src/testing/sample-report.js';
import { openBrowser } from '../support/browser.js';

// The browser is one for Linux on x64.
const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const CHECKS = fileURLToPath(new URL('../support/page-checks.mjs', import.meta.url));
const NARROW = 360;
const WIDE = 1280;
/** A sheet of A4 between its margins. */
const PAPER = 680;

let folder: string;
let browser: Browser;

onLinux('a report in a browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'shardmill-report-'));
    browser = await openBrowser(path.join(folder, 'browser'));
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['of a run', 'dark', NARROW, htmlReport(sampleReport)],
    ['of two runs', 'light', WIDE, compareHtml(sampleReport, laterReport)],
  ] as const)(
    '%s has no violation that axe knows of, %s and %i pixels wide',
    async (_, scheme, width, markup) => {
      const { page } = await open(markup, scheme);
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate(await readFile(AXE, 'utf8'));
      expect(await look(page, 'violations')).toEqual([]);
      await page.close();
    },
  );

  test.each([
    ['of a run in which everything happened', htmlReport(sampleReport)],
    ['with long and hostile texts', htmlReport(hostileReport())],
    ['of two runs', compareHtml(hostileReport(), laterReport)],
  ])('%s fits every width and paper, draws all and fetches nothing', async (_, markup) => {
    const { page, events, url } = await open(markup, 'light');
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const width of [NARROW, WIDE]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await look(page, 'overflowing')).toEqual([]);
        expect(await look(page, 'emptyDrawings')).toEqual([]);
      }
    }
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: PAPER, height: 800 });
    expect(await look(page, 'overflowing')).toEqual([]);
    expect(events).toEqual([`request ${url}`]);
    await page.close();
  });
});

/** A page, and whatever it asks for, says or throws. Its policy forbids scripts, those of tests included. */
async function open(
  markup: string,
  colorScheme: 'light' | 'dark',
): Promise<{ page: Page; events: string[]; url: string }> {
  const file = path.join(folder, 'report.html');
  await writeFile(file, markup);
  const url = pathToFileURL(file).href;
  const page = await browser.newPage({ colorScheme, bypassCSP: true });
  const events: string[] = [];
  page.on('request', (request) => events.push(`request ${request.url()}`));
  page.on('console', (message) => events.push(`console ${message.text()}`));
  page.on('pageerror', (error) => events.push(`error ${error.message}`));
  page.on('dialog', (dialog) => events.push(`dialog ${dialog.message()}`));
  await page.goto(url);
  await page.evaluate(await readFile(CHECKS, 'utf8'));
  return { page, events, url };
}

async function look(
  page: Page,
  check: 'overflowing' | 'emptyDrawings' | 'violations',
): Promise<string[]> {
  return z.array(z.string()).parse(await page.evaluate(`pageChecks.${check}()`));
}
