// A report in a real browser: nothing to complain of, nothing loaded, nothing to scroll sideways on a phone or cut off on paper.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { addDays } from '../../src/dataflow/dates.js';
import type { ReportFacts } from '../../src/report/facts.js';
import { renderReport } from '../../src/report/report.js';
import { openBrowser, withBrowser } from '../support/browser.js';
import { freshness, fullFacts } from './facts.js';

/** In CSS pixels, without the margins that browsers print. */
const A4 = { width: 720, height: 1046 };

withBrowser('a report', () => {
  let url: string;
  let browser: Browser;

  const written = async (facts: ReportFacts): Promise<string> => {
    const file = join(await mkdtemp(join(tmpdir(), 'report-')), 'report.html');
    await writeFile(file, renderReport(facts));
    return pathToFileURL(file).href;
  };
  beforeAll(async () => {
    url = await written(fullFacts);
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const heightsOf = (page: Page, selector: string): Promise<number[]> =>
    page.locator(selector).evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height));
  const widest = (page: Page): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth');

  test.each([
    { width: 390, height: 844 },
    { width: 1280, height: 900 },
  ])('$width wide has no sideways scroll, no complaints, and asks for nothing', async (viewport) => {
    const page = await browser.newPage({ viewport });
    const [asked, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    expect(await widest(page)).toBeLessThanOrEqual(viewport.width);
    const drawn = await heightsOf(page, 'figure svg');
    expect(drawn.filter((height) => height > 20)).toHaveLength(8);
    expect(complaints).toEqual([]);
    // What has no address outside the page is no request.
    expect(asked.filter((address) => !address.startsWith('data:'))).toEqual([url]);
    await page.close();
  });

  test('has charts on a phone whose words are 11 pixels high at least', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(url);
    const sizes = await page.evaluate<number[]>(
      `[...document.querySelectorAll('figure svg')].map((svg) =>
        (parseFloat(getComputedStyle(svg).fontSize) * svg.getBoundingClientRect().width) / svg.viewBox.baseVal.width)`,
    );
    expect(sizes).toHaveLength(8);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
    await page.close();
  });

  test('shows the newest dates of a long calendar on a phone, and a short one from its begin', async () => {
    const [first] = freshness.dates;
    const year = Array.from({ length: 365 }, (_, i) => ({ ...first!, date: addDays(first!.date, i) }));
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(await written({ ...fullFacts, freshness: [freshness, { ...freshness, dates: year }] }));
    const [short, long] = await page
      .locator('.calendars svg')
      .evaluateAll((all) => all.map((svg) => svg.getBoundingClientRect()));
    expect(short!.left).toBe(16);
    expect(long!.width).toBeGreaterThan(390);
    expect(long!.right).toBe(390 - 16);
    await page.close();
  });

  test('on paper fits its width, and the row of a run is one line high', async () => {
    const page = await browser.newPage({ viewport: A4 });
    await page.emulateMedia({ media: 'print' });
    await page.goto(url);
    expect(await widest(page)).toBeLessThanOrEqual(A4.width);
    const [run] = await heightsOf(page, '#runs tbody tr');
    const [rejected] = await heightsOf(page, '#rejected tbody tr');
    expect(run).toBe(rejected);
    await page.close();
  });
});
