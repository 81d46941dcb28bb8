// `npm run docs:screenshots`: the pictures of docs/images, of a real run of the demo, taken in a real browser (Chromium).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');
const images = join(root, 'docs/images');
const WIDTH = 1280;
const HEIGHT = 800;
/** What a page of the docs may be made to load. */
const LARGEST_BYTES = 150_000;
/** The columns of the Web UI's list, which it keeps in the browser. */
const COLUMNS = [
  ...['Status', 'Workflow ID'],
  ...['PinterestDataflow', 'PinterestAdAccount', 'PinterestRunStatus', 'PinterestCurrentTo'],
];

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const places = process.env.CHROMIUM ? [process.env.CHROMIUM] : PLACES;
const executablePath = places.find((place) => existsSync(place));
if (!executablePath) {
  process.stderr.write(
    `There is no Chromium at ${places.join(', ')}. Install it (Debian: apt-get install chromium), or name it by CHROMIUM.\n`,
  );
  process.exit(1);
}

/** The store is made in it. Neither a token nor a server of whoever takes the pictures is used. */
const folder = mkdtempSync(join(tmpdir(), 'screenshots-'));
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(PINTEREST|TEMPORAL|EXPERIENCE_PLATFORM|STORE)_/.test(name),
    ),
  ),
  // So small that the first run has to wait, long enough to be looked at.
  PINTEREST_QUOTA: '1000/1d,10/30s',
};

/** A program of dist; `line` resolves with the first of its lines that matches, rejects if it ends before. */
const startProgram = (program, args) => {
  const child = spawn(process.execPath, [join(root, 'dist/src', program), ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = [];
  const awaited = [];
  const ended = once(child, 'exit');
  createInterface({ input: child.stdout }).on('line', (text) => {
    said.push(text);
    for (const hear of awaited) hear(text);
  });
  const line = (pattern) =>
    new Promise((resolve, reject) => {
      const hear = (text) => {
        const match = pattern.exec(text);
        if (match) resolve(match);
      };
      awaited.push(hear);
      for (const text of said) hear(text);
      void ended.then(() => reject(new Error(`It ended without ${pattern}:\n${said.join('\n')}`)));
    });
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
  };
  return { line, ended, stop };
};

const take = async (target, name, options = {}) => {
  const file = join(images, name);
  await target.screenshot({ path: file, animations: 'disabled', ...options });
  const { size } = statSync(file);
  process.stdout.write(`${name}  ${Math.ceil(size / 1000)} kB\n`);
  if (size > LARGEST_BYTES) throw new Error(`${name} has ${size} bytes; ${LARGEST_BYTES} are the most`);
};

const takeAll = async (browser, demo) => {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    timezoneId: 'UTC',
    locale: 'en-US',
    colorScheme: 'light',
  });
  await context.addInitScript((columns) => {
    const shown = { default: columns.map((label) => ({ label })) };
    localStorage.setItem('namespace-workflow-table-columns', JSON.stringify(shown));
    localStorage.setItem('navOpen', 'false');
  }, COLUMNS);
  const page = await context.newPage();
  const [, uiUrl] = await demo.line(/Web UI at (\S+)$/);
  const workflows = `${uiUrl}/namespaces/default/workflows`;
  const details = async (workflowId, awaited) => {
    await page.goto(`${workflows}/${encodeURIComponent(workflowId)}`);
    await page.getByText('User Metadata').click();
    // The Web UI shows Markdown in frames.
    await page.locator('iframe').last().contentFrame().getByText(awaited).first().waitFor();
  };

  await page.goto(workflows);
  await demo.line(/waiting until/);
  await details('acme-ads', 'waiting: No API call may leave');
  await take(page, 'run-waiting.png');
  await page.setViewportSize({ width: WIDTH, height: 880 });
  await details('quota/default', 'waiting');
  await take(page, 'quota.png');

  await demo.line(/The run in the Web UI/);
  await page.setViewportSize({ width: WIDTH, height: 1600 });
  await page.goto(`${workflows}/acme-ads`);
  await page.getByText('record: success').waitFor();
  const { y } = await page.getByRole('heading', { name: 'Timeline' }).boundingBox();
  const first = await page.getByText('check the spec').boundingBox();
  await take(page, 'run.png', {
    clip: { x: 60, y: y - 20, width: WIDTH - 60, height: first.y - y + 100 },
  });
  await page.setViewportSize({ width: WIDTH, height: HEIGHT });

  await page.goto(
    `${workflows}/start-workflow?taskQueue=pinterest-ads&workflowType=dataflow&workflowId=acme-ads`,
  );
  await page.getByText('Task Queue is Active').waitFor();
  await page.getByText('"adAccountId"').waitFor();
  await take(page, 'start-form.png');

  // Another dataflow, one of whose ids the ad account does not have.
  const objects = [
    { type: 'campaigns', ids: ['626735565838'] },
    { type: 'ad_groups', names: ['*'] },
  ];
  const spec = { name: 'spring-ads', connection: { adAccountId: '549755885175' }, source: { objects } };
  const specFile = join(folder, 'spring-ads.json');
  writeFileSync(specFile, JSON.stringify(spec));
  const other = startProgram('start/main.js', [specFile]);
  await other.ended;
  await page.setViewportSize({ width: WIDTH, height: 520 });
  await page.goto(workflows);
  await page.getByText('partial success').waitFor();
  await take(page, 'runs.png');

  await page.setViewportSize({ width: 1000, height: 1060 });
  await page.goto(pathToFileURL(join(folder, 'data/acme-ads-report.html')).href);
  await take(page, 'report.png');
};

mkdirSync(images, { recursive: true });
const browser = await chromium.launch({
  executablePath,
  // Root, as in a container, has no sandbox to give; what is shown comes from this machine alone.
  chromiumSandbox: process.getuid?.() !== 0,
  args: ['--disable-gpu'],
});
const demo = startProgram('start/main.js', [join(root, 'examples/backfill.json'), '--stay']);
try {
  await takeAll(browser, demo);
} finally {
  await demo.stop();
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
