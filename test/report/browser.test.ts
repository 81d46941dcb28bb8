// A report in a real browser: nothing to complain of, nothing loaded, nothing to scroll sideways on a phone.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderReport } from '../../src/report/report.js';
import { openBrowser, withBrowser } from '../support/browser.js';
import { fullFacts } from './facts.js';

withBrowser('a phone and a desk show a report', () => {
  test('without sideways scroll, complaints, or a request', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'report-')), 'report.html');
    await writeFile(file, renderReport(fullFacts));
    const url = pathToFileURL(file).href;
    const browser = await openBrowser();
    try {
      for (const viewport of [
        { width: 390, height: 844 },
        { width: 1280, height: 900 },
      ]) {
        const page = await browser.newPage({ viewport });
        const [asked, complaints]: [string[], string[]] = [[], []];
        page.on('request', (request) => asked.push(request.url()));
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(url);
        const widest = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(widest).toBeLessThanOrEqual(viewport.width);
        const drawn = await page
          .locator('figure svg')
          .evaluateAll((all) => all.map((svg) => svg.getBoundingClientRect().height));
        expect(drawn.filter((height) => height > 20)).toHaveLength(8);
        expect(complaints).toEqual([]);
        // What has no address outside the page is no request.
        expect(asked.filter((address) => !address.startsWith('data:'))).toEqual([url]);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
});
